import { Module } from '@nestjs/common';
import { AssetsController } from './assets.controller.js';
import { loadPageAssets, PAGE_ASSETS } from './page-assets.js';
import { PagesController } from './pages.controller.js';

/**
 * Dashboard (`/`) and ticket page (`/tickets/{id}`). They read the API of their own origin: the process, or the ingress
 * before it, must also answer /api/v1 and /session.
 */
@Module({
  controllers: [PagesController, AssetsController],
  providers: [{ provide: PAGE_ASSETS, useFactory: () => loadPageAssets() }],
})
export class PagesModule {}
