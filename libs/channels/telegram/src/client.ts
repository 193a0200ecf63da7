import { fetchGuarded, type FetchedMedia } from '@fanin/connector-kit';
import { cutByAny, FaninError } from '@fanin/kernel';
import { BotApiRefusal, BotApiUnreachable } from './bot-api-error.js';
import type { TelegramConfig } from './config.js';

/** https://core.telegram.org/bots/api#getfile: "bots can download files of up to 20MB in size". */
const MOST_FILE_BYTES = 20 * 1024 * 1024;
const CALL_TIMEOUT_MS = 10_000;
const FILE_TIMEOUT_MS = 60_000;
/** Codes of Node and undici for requests of which no byte left. */
const UNTOUCHED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_TLS_)/;

export interface BotApi {
  /** `result` of the answer. Throws BotApiRefusal or BotApiUnreachable. */
  call(method: string, parameters: object, options: CallOptions): Promise<unknown>;
  /** The bytes behind a `file_path` of getFile. Throws as `fetchGuarded`. */
  download(filePath: string, signal: AbortSignal): Promise<FetchedMedia>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

/** The one place that knows the addresses of the Bot API, which hold the token: they go into no error and no log. */
export function createBotApi({ api_url, bot_token }: TelegramConfig): BotApi {
  const base = api_url.replace(/\/+$/, '');
  return {
    async call(method, parameters, { signal, timeoutMs = CALL_TIMEOUT_MS }) {
      let answered: { readonly status: number; readonly answer: unknown };
      try {
        answered = await cutByAny([signal, AbortSignal.timeout(timeoutMs)], async (cut) => {
          const response = await fetch(`${base}/bot${bot_token}/${method}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(parameters),
            redirect: 'error',
            signal: cut,
          });
          return { status: response.status, answer: parsed(await response.text()) };
        });
      } catch (error) {
        const code = faultCodeOf(error);
        throw new BotApiUnreachable(method, code, UNTOUCHED.test(code));
      }
      return resultOf(method, answered.status, answered.answer);
    },
    download: (filePath, signal) => {
      // A server that runs with --local names a file of its own disk.
      if (filePath.startsWith('/') || filePath.split('/').includes('..'))
        throw new FaninError('UNSUPPORTED', 'the Bot API server keeps its files to itself: run it without --local');
      const path = filePath.split('/').map(encodeURIComponent).join('/');
      return fetchGuarded(`${base}/file/bot${bot_token}/${path}`, {
        trustedOrigins: [base],
        maxBytes: MOST_FILE_BYTES,
        timeoutMs: FILE_TIMEOUT_MS,
        signal,
      }).then(({ content }) => ({ content }));
    },
  };
}

function resultOf(method: string, status: number, answer: unknown): unknown {
  const { ok, result, error_code, description, parameters } = (answer ?? {}) as Record<string, unknown>;
  if (ok === true && status < 300) return result;
  if (ok !== false && status < 400) throw new BotApiUnreachable(method, 'the answer is not of the Bot API', false);
  const { retry_after, migrate_to_chat_id } = (parameters ?? {}) as Record<string, unknown>;
  throw new BotApiRefusal(
    method,
    typeof error_code === 'number' ? error_code : status,
    typeof description === 'string' ? description.slice(0, 200) : 'no description',
    {
      ...(typeof retry_after === 'number' ? { retryAfterSeconds: retry_after } : {}),
      ...(typeof migrate_to_chat_id === 'number' ? { migrateToChatId: migrate_to_chat_id } : {}),
    },
  );
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A short name of what went wrong on the way, without the address that the error itself may hold. */
function faultCodeOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  const code = cause?.code;
  return typeof code === 'string' ? code : (name ?? 'unknown');
}
