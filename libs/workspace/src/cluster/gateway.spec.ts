import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { merge } from './api-document.js';
import { routeOf, startGateway } from './gateway.js';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A service that says who it is, where it was called and what it was told. */
async function service(name: string, document?: object): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/docs/openapi.json' && document !== undefined) return response.end(JSON.stringify(document));
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    return request.on('end', () => response.end(`${name} ${request.method} ${request.url} ${body}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('gateway', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const own = async (server: Promise<Server>): Promise<Server> => {
    servers.push(await server);
    return server;
  };

  it('leads each webhook to the connector of its account, path and query untouched', async () => {
    const social = portOf(await own(service('social')));
    const phone = portOf(await own(service('phone')));
    const routes = [
      { prefix: '/', port: 1 },
      { prefix: '/hooks/page', port: social },
      { prefix: '/hooks/page-2', port: phone },
    ];
    const url = `http://127.0.0.1:${portOf(await own(startGateway({ routes, documented: [] }, 0)))}`;
    const post = async (path: string): Promise<string> =>
      (await fetch(`${url}${path}`, { method: 'POST', body: 'x' })).text();
    expect(await post('/hooks/page')).toBe('social POST /hooks/page x');
    expect(await post('/hooks/page?hub.mode=a%20b&x')).toBe('social POST /hooks/page?hub.mode=a%20b&x x');
    expect(await post('/hooks/page-2/voice/%2B1')).toBe('phone POST /hooks/page-2/voice/%2B1 x');
    expect(routeOf(routes, '/hooks/pages')?.prefix).toBe('/');
  });

  it('shows the documents of all services that answer the API as one', async () => {
    const a = await own(
      service('a', { openapi: '3.0.0', paths: { '/api/v1/tickets': 1 }, components: { schemas: { A: 1 } } }),
    );
    const b = await own(
      service('b', { openapi: '3.0.0', paths: { '/api/v1/fates': 2 }, components: { schemas: { B: 2 } } }),
    );
    const documented = [portOf(a), portOf(b)];
    const url = `http://127.0.0.1:${portOf(await own(startGateway({ routes: [], documented }, 0)))}`;
    expect(await (await fetch(`${url}/docs/openapi.json`)).json()).toEqual({
      openapi: '3.0.0',
      tags: [],
      paths: { '/api/v1/fates': 2, '/api/v1/tickets': 1 },
      components: { schemas: { A: 1, B: 2 } },
    });
    b.closeAllConnections();
    await new Promise((resolve) => b.close(resolve));
    servers.splice(servers.indexOf(b), 1);
    expect((await fetch(`${url}/docs/openapi.json`)).status).toBe(502);
    expect(merge([])).toBeUndefined();
  });
});
