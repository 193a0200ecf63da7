import { idAt } from './snowflake.js';
import type { XClient } from './client.js';
import { MESSAGE_FIELDS, pageOf, POST_FIELDS, type ListPage, type XItem } from './lists.js';
import { at, recordOf } from './payload.js';
import { polledMessage } from './direct-message.js';
import { polledPost } from './polled-post.js';
import type { Letter } from './letter.js';

export interface SentItem {
  readonly id: string;
}

export interface SearchParts {
  readonly client: XClient;
  readonly userId: string;
  /** Nothing older counts. */
  readonly sinceMs: number;
  readonly known: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Pages that are looked through: 500 posts or messages since the reply was first tried. */
const MOST_PAGES = 5;
/** X's clock and ours may differ. */
const SKEW_MS = 60_000;

/** What the account itself has sent that is this letter, oldest first; undefined when the list is too long to be sure. */
export async function findSent(letter: Letter, parts: SearchParts): Promise<readonly SentItem[] | undefined> {
  const floor = idAt(parts.sinceMs - SKEW_MS);
  const found: SentItem[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await sentPage(letter, parts, token, floor);
    const young = page.items.filter((item) => BigInt(item.id) >= BigInt(floor));
    found.unshift(
      ...young.filter((item) => !parts.known.has(item.id) && isLetter(item, letter, parts.userId)).reverse(),
    );
    token = page.next;
    if (token === undefined || young.length < page.items.length) return found;
  }
  return undefined;
}

async function sentPage(
  letter: Letter,
  parts: SearchParts,
  token: string | undefined,
  floor: string,
): Promise<ListPage> {
  const { client, userId, signal } = parts;
  const paging = { max_results: '100', pagination_token: token };
  if (letter.kind === 'post') {
    const query = { ...POST_FIELDS, ...paging, since_id: floor === '0' ? undefined : floor };
    return pageOf(await client.call({ method: 'GET', path: `/2/users/${userId}/tweets`, query, as: 'user', signal }));
  }
  const where = letter.to === 'person' ? `with/${letter.id}` : letter.id;
  const query = { ...MESSAGE_FIELDS, ...paging, event_types: 'MessageCreate' };
  return pageOf(
    await client.call({ method: 'GET', path: `/2/dm_conversations/${where}/dm_events`, query, as: 'user', signal }),
  );
}

function isLetter({ document }: XItem, letter: Letter, userId: string): boolean {
  const data = recordOf(document.data);
  if (letter.kind === 'message')
    return at(data, 'sender_id') === userId && bare(polledMessage(document).text) === bare(letter.text);
  const post = polledPost({ ...document, data: { author_id: userId, ...data } });
  return post.parentId === letter.inReplyTo && withoutMentions(post.text) === withoutMentions(letter.text);
}

/** X may put mentions in front, shorten links and change white space. */
function withoutMentions(text: string): string {
  return bare(text.replace(/^(\s*@\w{1,15}\b)+/u, ''));
}

function bare(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}
