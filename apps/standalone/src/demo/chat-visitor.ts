import { once } from 'node:events';
import { cutByAny } from '@fanin/kernel';
import { WebSocket } from 'ws';

/** One visitor of the widget: says its lines, each after the one before was acknowledged as durable. */
export async function visitChat(
  url: string,
  accountId: string,
  name: string,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const address = new URL(`/chat/ws?account=${encodeURIComponent(accountId)}`, url.replace(/^http/, 'ws'));
  const socket = new WebSocket(address, { origin: new URL(url).origin, handshakeTimeout: 5_000 });
  const frames = received(socket, signal);
  try {
    await once(socket, 'open', { signal });
    socket.send(JSON.stringify({ type: 'hello', v: 1, account_id: accountId, last_seq: 0, name }));
    await frames((frame) => frame['type'] === 'welcome');
    for (const [i, text] of lines.entries()) {
      const id = `sample-${name.toLowerCase()}-${i}`;
      socket.send(JSON.stringify({ type: 'message', client_message_id: id, text }));
      await frames((frame) => frame['type'] === 'ack' && frame['client_message_id'] === id);
    }
  } finally {
    socket.on('error', () => undefined);
    socket.close();
  }
}

type Frame = Readonly<Record<string, unknown>>;

/** Waits for a frame, also for one that has come already. Rejects after 10 s or when the socket closes. */
function received(socket: WebSocket, signal: AbortSignal): (wanted: (frame: Frame) => boolean) => Promise<void> {
  const seen: Frame[] = [];
  const wake = new EventTarget();
  socket.on('message', (data) => {
    seen.push(JSON.parse(String(data)) as Frame);
    wake.dispatchEvent(new Event('frame'));
  });
  return (wanted) =>
    cutByAny([signal, AbortSignal.timeout(10_000)], async (limit) => {
      while (!seen.some(wanted)) {
        if (socket.readyState === WebSocket.CLOSED) throw new Error('the chat closed the connection');
        await once(wake, 'frame', { signal: limit });
      }
    });
}
