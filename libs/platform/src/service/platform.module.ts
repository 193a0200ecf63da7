import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { SessionController } from '../auth/session.controller.js';
import { HealthController } from '../health/health.controller.js';

@Global()
@Module({})
export class PlatformModule {
  /** Everything a service may inject, made before Nest starts; see `ServiceDefinition`. */
  static with(values: ReadonlyMap<symbol, unknown>): DynamicModule {
    const providers: Provider[] = [...values].map(([provide, useValue]) => ({ provide, useValue }));
    return {
      module: PlatformModule,
      controllers: [HealthController, SessionController],
      providers,
      exports: [...values.keys()],
    };
  }
}
