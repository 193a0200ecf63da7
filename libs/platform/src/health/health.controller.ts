import { Controller, Get, Header, HttpStatus, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/decorators.js';
import { PROMETHEUS, type PrometheusMetrics } from '../metrics/prometheus-metrics.js';
import { READINESS, type Readiness, type ReadinessReport } from './readiness.js';

/** For Kubernetes and Prometheus; open to whoever reaches the port. */
@Public()
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(PROMETHEUS) private readonly metrics: PrometheusMetrics,
  ) {}

  /** The event loop turns, nothing more: a restart would mend neither Kafka nor PostgreSQL. */
  @Get('health/live')
  @Header('cache-control', 'no-store')
  live(): { readonly status: 'alive' } {
    return { status: 'alive' };
  }

  @Get('health/ready')
  @Header('cache-control', 'no-store')
  async ready(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ status: string } & Omit<ReadinessReport, 'ready'>> {
    const { ready, missing } = await this.readiness.report();
    void reply.status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ready ? 'ready' : 'not_ready', missing };
  }

  @Get('metrics')
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.contentType);
    return this.metrics.text();
  }
}
