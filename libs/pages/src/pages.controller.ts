import { CONFIG, type FaninConfig } from '@fanin/platform';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PAGE_ASSETS, type PageAssets } from './page-assets.js';
import { PAGE_HEADERS } from './page-policy.js';
import { NOT_BUILT, pageShell, type Shell } from './page-shell.js';

/** Behind the platform's login as every route: a browser without a session gets the login page. */
@ApiExcludeController()
@Controller()
export class PagesController {
  constructor(
    @Inject(PAGE_ASSETS) private readonly assets: PageAssets,
    @Inject(CONFIG) private readonly config: FaninConfig,
  ) {}

  @Get('/')
  dashboard(@Res() reply: FastifyReply): void {
    this.send(reply, {
      entry: 'dashboard',
      title: 'Dashboard – Fanin',
      data: { 'smtp-port': String(this.config.smtp.port) },
    });
  }

  /** The id stays in the address: the script reads it there, and the API checks it. */
  @Get('tickets/:id')
  ticket(@Res() reply: FastifyReply): void {
    this.send(reply, { entry: 'ticket', title: 'Ticket – Fanin', data: {} });
  }

  private send(reply: FastifyReply, shell: Shell): void {
    const page = pageShell(shell, this.assets);
    void reply
      .status(page === undefined ? 503 : 200)
      .headers(PAGE_HEADERS)
      .send(page ?? NOT_BUILT);
  }
}
