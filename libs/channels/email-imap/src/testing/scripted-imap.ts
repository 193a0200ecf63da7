import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

export interface ScriptedMail {
  readonly uid: number;
  readonly raw: string;
  /** INTERNALDATE. */
  readonly date?: Date;
  /** What the server does when the body is asked for. */
  readonly body?: 'refused' | 'kills_connection' | 'never_comes';
  /** What it does when the head is asked for. */
  readonly head?: 'refused';
  /** RFC822.SIZE when it is not the length. */
  readonly size?: number;
}

/** An IMAP4rev1 server that does what a test tells it: the misbehaviour that no real server can be asked for. */
export interface ScriptedImap {
  readonly port: number;
  mails: ScriptedMail[];
  uidNext: number;
  uidValidity: number;
  password: string;
  /** From now on requests are read and not answered. */
  silent: boolean;
  /** All command lines. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export async function startScriptedImap(): Promise<ScriptedImap> {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    serve(socket, state, asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: ScriptedImap = {
    port: (server.address() as { port: number }).port,
    mails: [],
    uidNext: 1,
    uidValidity: 1,
    password: 'password-of-a-scripted-mailbox',
    silent: false,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return state;
}

function serve(socket: Socket, state: ScriptedImap, asked: string[]): void {
  const say = (line: string): void => void (state.silent || socket.write(`${line}\r\n`));
  let idleTag: string | undefined;
  say('* OK [CAPABILITY IMAP4rev1 IDLE] ready');
  createInterface({ input: socket }).on('line', (line) => {
    asked.push(line);
    const [tag = '', command = '', ...rest] = line.split(' ');
    const args = rest.join(' ');
    switch (`${command} ${command.toUpperCase() === 'UID' ? (rest[0] ?? '') : ''}`.trim().toUpperCase()) {
      case 'LOGIN':
        return args.includes(state.password)
          ? say(`${tag} OK [CAPABILITY IMAP4rev1 IDLE] in`)
          : say(`${tag} NO [AUTHENTICATIONFAILED] no`);
      case 'EXAMINE':
        return examine(state, tag, args, say);
      case 'LIST':
        if (/INBOX|""$/.test(args)) say('* LIST () "/" INBOX');
        return say(`${tag} OK done`);
      case 'UID SEARCH':
        say(`* SEARCH ${state.mails.map(({ uid }) => uid).join(' ')}`.trimEnd());
        return say(`${tag} OK done`);
      case 'UID FETCH':
        return fetch(state, tag, rest, say, socket);
      case 'IDLE':
        idleTag = tag;
        return say('+ idling');
      case 'LOGOUT':
        say(`${tag} OK bye`);
        return void socket.end();
      case '':
        return idleTag === undefined ? undefined : say(`${idleTag} OK done`);
      default:
        return say(`${tag} OK done`);
    }
  });
}

function examine(state: ScriptedImap, tag: string, folder: string, say: (line: string) => void): void {
  if (!folder.includes('INBOX')) return say(`${tag} NO [NONEXISTENT] no such folder`);
  say(`* ${state.mails.length} EXISTS`);
  say(`* OK [UIDVALIDITY ${state.uidValidity}] valid`);
  say(`* OK [UIDNEXT ${state.uidNext}] next`);
  return say(`${tag} OK [READ-ONLY] done`);
}

function fetch(
  state: ScriptedImap,
  tag: string,
  rest: readonly string[],
  say: (line: string) => void,
  socket: Socket,
): void {
  const [, set = '', ...query] = rest;
  const wanted = query.join(' ');
  const isHead = wanted.includes('HEADER');
  const isBody = !isHead && wanted.includes('BODY.PEEK[]');
  for (const [at, mail] of state.mails.entries()) {
    if (!contains(set, mail.uid)) continue;
    if ((isBody && mail.body === 'refused') || (isHead && mail.head === 'refused'))
      return say(`${tag} NO cannot read it`);
    if (isBody && mail.body === 'kills_connection') return void socket.destroy();
    if (isBody && mail.body === 'never_comes') return;
    const facts = `UID ${mail.uid} RFC822.SIZE ${mail.size ?? mail.raw.length} INTERNALDATE "${internalDate(mail.date ?? new Date())}"`;
    const text = isHead ? mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n') + 4) : mail.raw;
    const literal = `${isHead ? 'BODY[HEADER]' : 'BODY[]'} {${text.length}}\r\n${text}`;
    say(`* ${at + 1} FETCH (${isHead || isBody ? `UID ${mail.uid} ${literal}` : facts})`);
  }
  say(`${tag} OK done`);
}

function contains(set: string, uid: number): boolean {
  return set.split(',').some((range) => {
    const [from = 0, to = from] = range.split(':').map(Number);
    return uid >= from && uid <= to;
  });
}

function internalDate(date: Date): string {
  const [day, time] = date.toISOString().split('T');
  const [year, month, dayOfMonth] = (day ?? '').split('-');
  return `${dayOfMonth}-${MONTHS[Number(month) - 1]}-${year} ${time?.slice(0, 8)} +0000`;
}
