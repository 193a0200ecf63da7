import { notFound, Public } from '@fanin/platform';
import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PAGE_ASSETS, type PageAssets } from './page-assets.js';

/** Scripts and styles say nothing that the source does not: they are open, and cached for good under their hashed names. */
@ApiExcludeController()
@Public()
@Controller('assets')
export class AssetsController {
  constructor(@Inject(PAGE_ASSETS) private readonly assets: PageAssets) {}

  @Get(':name')
  asset(@Param('name') name: string, @Res() reply: FastifyReply): void {
    const file = this.assets.files.get(name);
    if (file === undefined) throw notFound('file');
    void reply
      .headers({
        'content-type': file.contentType,
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      })
      .send(file.body);
  }
}
