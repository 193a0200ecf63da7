import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookCapture, WebhookRequest } from '@fanin/connector-kit';
import { createFormReader, type Form, type FormReader } from './fields.js';

const HEADER = 'x-twilio-signature';
const refused = (reason: string): ReturnType<WebhookCapture['verify']> => ({ ok: false, status: 403, reason });

/**
 * X-Twilio-Signature (twilio.com/docs/usage/security): HMAC-SHA1 over the address and, for a form, all its fields in order.
 * A body that is no form is covered by its hash in the address. What any of the tokens signed is let in. It signs no time:
 * what is replayed is a duplicate by its SID.
 */
export function createVerify(
  tokens: readonly string[],
  forms: FormReader = createFormReader(),
): WebhookCapture['verify'] {
  return (request) => {
    const given = request.headers[HEADER];
    if (given === undefined || given === '') return refused('X-Twilio-Signature is missing');
    const signed = signedFields(request, forms);
    if (signed === undefined) return refused('the body is neither a form nor covered by bodySHA256');
    const signature = Buffer.from(given, 'utf8');
    const fits = (token: string, address: string): boolean => equal(signature, signatureOf(token, address + signed));
    const proven = tokens.some(
      (token) => fits(token, request.url) || otherForms(request.url).some((address) => fits(token, address)),
    );
    return proven ? { ok: true } : refused('X-Twilio-Signature is wrong: check auth_token and http.public_url');
  };
}

function signatureOf(token: string, text: string): Buffer {
  return Buffer.from(createHmac('sha1', token).update(text, 'utf8').digest('base64'), 'utf8');
}

function equal(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** What is signed behind the address; undefined for a body that nothing covers. */
function signedFields({ url, body, headers }: WebhookRequest, forms: FormReader): string | undefined {
  const hash = url.includes('bodySHA256=') ? new URL(url).searchParams.get('bodySHA256') : null;
  if (hash !== null) {
    const actual = createHash('sha256').update(body).digest('hex');
    return equal(Buffer.from(hash, 'utf8'), Buffer.from(actual, 'utf8')) ? '' : undefined;
  }
  if (body.length === 0) return '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')) return undefined;
  return formText(forms(body));
}

/** Names in order, each with its values in order, a value that comes twice once. */
function formText(form: Form): string {
  let text = '';
  for (const name of Object.keys(form).sort()) {
    const values = form[name] ?? '';
    if (typeof values === 'string') text += name + values;
    else for (const value of [...new Set(values)].sort()) text += name + value;
  }
  return text;
}

/** Twilio signs the address with or without the standard port, byte for byte or as a parser writes it. Rarely another than ours. */
function otherForms(url: string): readonly string[] {
  const forms = [url, new URL(url).href].flatMap((form) => {
    const match = /^(https?:\/\/)([^/?#]*?)(?::\d+)?([/?#].*)?$/i.exec(form);
    if (match === null) return [form];
    const [, scheme = '', host = '', rest = ''] = match;
    const port = scheme.toLowerCase() === 'https://' ? 443 : 80;
    return [form, `${scheme}${host}${rest}`, `${scheme}${host}:${port}${rest}`];
  });
  return [...new Set(forms)].filter((form) => form !== url);
}
