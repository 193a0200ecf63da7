import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ApiKeys } from '../auth/api-keys.js';
import type { Sessions } from '../auth/session.js';
import { sendLoginPage } from './login-page.js';
import { createApiDocument } from './openapi.js';

/** Swagger UI styles elements from script and draws its icons from data addresses. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fanin API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null });\n`;

/**
 * `/docs` (behind the login, as every page) and `/docs/openapi.json` (open: it says nothing that the source does not).
 * The files come from the swagger-ui-dist that @nestjs/swagger brings along, so the page works without the internet. The
 * document is made at its first request, of all controllers that the process has.
 */
export function registerApiPage(
  app: NestFastifyApplication,
  { keys, sessions }: { readonly keys: ApiKeys; readonly sessions: Sessions },
): void {
  const fastify = app.getHttpAdapter().getInstance();
  let document: string | undefined;
  fastify.get('/docs/openapi.json', async (_request, reply) => {
    document ??= JSON.stringify(createApiDocument(app));
    return reply.header('content-type', 'application/json; charset=utf-8').send(document);
  });
  fastify.get('/docs', async (request, reply) => {
    const key = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const mayEnter =
      sessions.read(request.headers.cookie) !== null || (key !== undefined && (await keys.verify(key)) !== null);
    if (!mayEnter) {
      sendLoginPage(reply as never);
      return reply;
    }
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .send(PAGE);
  });
  fastify.get('/docs/start.js', async (_request, reply) =>
    reply.header('content-type', 'text/javascript; charset=utf-8').send(START),
  );
  for (const [name, contentType] of Object.entries(ASSETS)) {
    fastify.get(`/docs/${name}`, async (_request, reply) =>
      reply
        .header('content-type', contentType)
        .header('cache-control', 'public, max-age=86400')
        .send(await readFile(join(assetFolder(), name))),
    );
  }
}

/** Where @nestjs/swagger itself would find it. */
function assetFolder(): string {
  const swagger = createRequire(import.meta.url).resolve('@nestjs/swagger');
  return dirname(createRequire(swagger).resolve('swagger-ui-dist/package.json'));
}
