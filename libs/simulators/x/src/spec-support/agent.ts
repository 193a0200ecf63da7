import { Agent } from 'node:https';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

/**
 * twitter-api-v2 speaks to https://api.x.com and to nothing else. This agent leads its connections to the simulator: the
 * port is another, the name in the handshake and in the Host header stays the vendor's.
 */
export class LoopbackAgent extends Agent {
  constructor(
    private readonly simulator: { port: number; ca: string },
    private readonly dialled: string[] = [],
  ) {
    super({ keepAlive: false });
  }

  override createConnection(options: ConnectionOptions): TLSSocket {
    const servername = options.servername ?? options.host ?? '';
    this.dialled.push(servername);
    const { port, ca } = this.simulator;
    return connect({ host: '127.0.0.1', port, ca, servername, ALPNProtocols: ['http/1.1'] });
  }
}
