import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { OFFSETS_PARTITIONS } from './broker-config.js';

const FIND_COORDINATOR = 10;
const FIND_COORDINATOR_VERSION = 2;

/**
 * True when the broker names a live coordinator for groups on every partition of `__consumer_offsets`. The question
 * itself makes Kafka create that topic, and with it answered no first group has to wait for it. It speaks the protocol
 * by hand because only the bus engine may import a Kafka client.
 */
export async function coordinatorsReady(port: number, timeoutMs = 2_000): Promise<boolean> {
  let socket: Socket | undefined;
  try {
    socket = await open(port, timeoutMs);
    for (let partition = 0; partition < OFFSETS_PARTITIONS; partition += 1) {
      // A one-letter group's Java hash is its character code, so consecutive letters cover every partition.
      const group = String.fromCharCode('a'.charCodeAt(0) + partition);
      if ((await findCoordinator(socket, group, timeoutMs)) !== 0) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    socket?.destroy();
  }
}

function open(port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('timeout')));
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends FindCoordinator v2 (https://kafka.apache.org/protocol#The_Messages_FindCoordinator) and returns its error code. */
async function findCoordinator(socket: Socket, group: string, timeoutMs: number): Promise<number> {
  const clientId = Buffer.from('fanin-probe');
  const key = Buffer.from(group);
  const body = Buffer.alloc(2 + 2 + 4 + 2 + clientId.length + 2 + key.length + 1);
  let at = body.writeInt16BE(FIND_COORDINATOR, 0);
  at = body.writeInt16BE(FIND_COORDINATOR_VERSION, at);
  at = body.writeInt32BE(1, at);
  at = body.writeInt16BE(clientId.length, at);
  at += clientId.copy(body, at);
  at = body.writeInt16BE(key.length, at);
  at += key.copy(body, at);
  body.writeInt8(0, at);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  socket.write(Buffer.concat([size, body]));
  const answer = await readFrame(socket, timeoutMs);
  return answer.readInt16BE(8); // after correlation id and throttle time
}

function readFrame(socket: Socket, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => done(new Error('timeout')), timeoutMs);
    const done = (outcome: Buffer | Error): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', done).off('close', onClose);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const onClose = (): void => done(new Error('closed'));
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4) return;
      const size = received.readInt32BE(0);
      if (received.length >= 4 + size) done(received.subarray(4, 4 + size));
    };
    socket.on('data', onData).on('error', done).on('close', onClose);
  });
}
