import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** The least that keeps sockets: takes every one, and asks each 25 s whether it is still there. Tells its port to the parent. */
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
const timer = setInterval(() => {
  for (const socket of server.clients) socket.send('{"type":"ping"}');
}, 25_000);

http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port));
process.on('disconnect', () => {
  clearInterval(timer);
  process.exit(0);
});
