import { WebSocketServer } from 'ws';
import { MAX_FRAME_BYTES } from './protocol.js';

export type { RawData, WebSocket, WebSocketServer } from 'ws';

/** The server end of WebSocket, without a port of its own: the host hands over upgrade requests. */
export function createSocketServer(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_FRAME_BYTES,
    // Texts are small, and a compressor per socket costs far more memory than it saves bytes.
    perMessageDeflate: false,
  });
}
