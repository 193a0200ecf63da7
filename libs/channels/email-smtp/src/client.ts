import type { AddressInfo } from 'node:net';
import { FaninError } from '@fanin/kernel';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';

/** An answer of the door (RFC 5321 §4.2) with its enhanced status code (RFC 3463). */
export interface SmtpAnswer {
  readonly code: number;
  readonly text: string;
}

export interface SmtpDoorEvents {
  /** Decides on RCPT TO; undefined takes the recipient. */
  recipient(address: string): SmtpAnswer | undefined;
  /** The whole mail. Resolves when it is durable for every recipient; an answer refuses it. */
  mail(mail: {
    readonly from: string;
    readonly to: readonly string[];
    readonly raw: Buffer;
  }): Promise<SmtpAnswer | undefined>;
}

export interface SmtpDoor {
  readonly port: number;
  close(): Promise<void>;
}

/** All senders together, those who fall silent among them. */
const MAX_CONNECTIONS = 500;
/**
 * What a mail server keeps open to one destination is less (Postfix: 20). Whoever wants more waits for his turn in his own
 * queue and not in ours, where everybody's mail would wait behind his, and a sender who falls silent leaves room for others.
 */
const MAX_CONNECTIONS_OF_ONE_ADDRESS = 50;

const TOO_LARGE: SmtpAnswer = { code: 552, text: '5.3.4 The mail is larger than this server takes' };
const TOO_MANY: SmtpAnswer = { code: 421, text: '4.7.0 Too many connections from your address, come again later' };

function refusal(answer: SmtpAnswer): Error {
  return Object.assign(new Error(answer.text), { responseCode: answer.code });
}

async function readAll(stream: SMTPServerDataStream): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  // Beyond the limit the rest is read and thrown away: the client listens only after its last line.
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Buffer);
  return stream.sizeExceeded ? undefined : Buffer.concat(chunks);
}

async function receive(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  events: SmtpDoorEvents,
): Promise<SmtpAnswer | undefined> {
  const raw = await readAll(stream);
  if (raw === undefined) return TOO_LARGE;
  const { mailFrom, rcptTo } = session.envelope;
  return events.mail({
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map(({ address }) => address),
    raw,
  });
}

/** Who is connected: the ids of the sessions that each address has open. */
class Callers {
  private readonly sessions = new Map<string, Set<string>>();

  /** False when the address has its share already. */
  enter({ id, remoteAddress }: SMTPServerSession): boolean {
    const open = this.sessions.get(remoteAddress) ?? new Set();
    if (open.size >= MAX_CONNECTIONS_OF_ONE_ADDRESS) return false;
    this.sessions.set(remoteAddress, open.add(id));
    return true;
  }

  /** Also told of sessions that were not let in. */
  leave({ id, remoteAddress }: SMTPServerSession): void {
    const open = this.sessions.get(remoteAddress);
    open?.delete(id);
    if (open?.size === 0) this.sessions.delete(remoteAddress);
  }
}

/** Listens for SMTP. The size limit is announced (RFC 1870); there is no login and no relaying. CONFIG when the port is taken. */
export async function openSmtpDoor(options: {
  readonly host: string;
  readonly port: number;
  readonly maxBytes: number;
  readonly events: SmtpDoorEvents;
  readonly onError: (error: unknown) => void;
}): Promise<SmtpDoor> {
  const { host, port, maxBytes, events } = options;
  const callers = new Callers();
  const server = new SMTPServer({
    banner: 'Fanin',
    size: maxBytes,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    socketTimeout: 60_000,
    closeTimeout: 3_000,
    maxClients: MAX_CONNECTIONS,
    logger: false,
    onConnect: (session, callback) => callback(callers.enter(session) ? null : refusal(TOO_MANY)),
    onClose: (session) => callers.leave(session),
    onRcptTo: (address, _session, callback) => {
      const answer = events.recipient(address.address);
      callback(answer === undefined ? undefined : refusal(answer));
    },
    onData: (stream, session, callback) => {
      receive(stream, session, events).then(
        (answer) => callback(answer === undefined ? null : refusal(answer), '2.0.0 The mail is kept'),
        (error: unknown) => {
          options.onError(error);
          callback(refusal({ code: 451, text: '4.3.0 The mail could not be kept, come again later' }));
        },
      );
    },
  });
  // Broken connections of clients; the door stays open.
  server.on('error', (error) => options.onError(error));
  await listening(server, host, port);
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listening(server: SMTPServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const reason =
        error.code === 'EADDRINUSE'
          ? `port ${port} is taken`
          : error.code === 'EACCES'
            ? `port ${port} needs more rights`
            : `${host}:${port} cannot be listened on`;
      reject(
        new FaninError(
          'CONFIG',
          `The SMTP door cannot open: ${reason}. Choose another with smtp.port, --smtp-port or FANIN_SMTP_PORT.`,
          { cause: error },
        ),
      );
    };
    server.server.once('error', fail);
    server.listen(port, host, () => {
      server.server.off('error', fail);
      resolve();
    });
  });
}
