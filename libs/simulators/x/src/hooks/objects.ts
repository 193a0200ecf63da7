import { mediaUrl, previewUrl } from '../world/media.js';
import type { Media } from '../world/media.js';
import type { DirectMessage } from '../world/direct-messages.js';
import type { Person } from '../world/people.js';
import type { Post } from '../world/posts.js';
import { mentionsIn } from '../world/text.js';
import type { XWorld } from '../world/world.js';

type Wire = Record<string, unknown>;

const TRUNCATED_TEXT = 140;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LONG = 280;

/** `Mon May 19 14:01:46 +0000 2025`: Account Activity speaks the data format of API v1.1. */
export function v1Date(epochMs: number): string {
  const date = new Date(epochMs);
  const time = date.toISOString().slice(11, 19);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${time} +0000 ${date.getUTCFullYear()}`;
}

/** A user inside a post. `id` is a number that JavaScript cannot hold exactly, as on the real wire: use `id_str`. */
export function v1User(person: Person): Wire {
  return {
    id: Number(person.id),
    id_str: person.id,
    name: person.name,
    screen_name: person.username,
    location: null,
    description: null,
    protected: false,
    verified: person.premium,
    followers_count: 0,
    friends_count: 0,
    statuses_count: 0,
    created_at: v1Date(person.createdAtMs),
    profile_image_url_https: 'https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png',
  };
}

/** A user in the `users` map of direct messages. */
export function dmUser(person: Person): Wire {
  return {
    id: person.id,
    created_timestamp: String(person.createdAtMs),
    name: person.name,
    screen_name: person.username,
    protected: false,
    verified: person.premium,
    followers_count: 0,
    friends_count: 0,
    statuses_count: 0,
    profile_image_url_https: 'https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png',
  };
}

export function usersMap(world: XWorld, ...ids: string[]): Record<string, Wire> {
  const people = ids.map((id) => world.people.byId(id)).filter((person) => person !== undefined);
  return Object.fromEntries(people.map((person) => [person.id, dmUser(person)]));
}

export function v1Post(world: XWorld, post: Post): Wire {
  const author = world.people.byId(post.authorId);
  const answered = post.replyTo && world.people.byId(post.replyTo.authorId);
  const length = [...post.text].length;
  const isLong = length > LONG;
  const text = isLong ? `${[...post.text].slice(0, TRUNCATED_TEXT - 1).join('')}…` : post.text;
  const media = post.media.map((one) => v1Media(world, one));
  return {
    created_at: v1Date(post.createdAtMs),
    id: Number(post.id),
    id_str: post.id,
    text,
    display_text_range: [0, isLong ? TRUNCATED_TEXT : length],
    source: post.viaApp ? `<a href="https://x.com" rel="nofollow">${world.app.name}</a>` : 'X for iPhone',
    truncated: isLong,
    in_reply_to_status_id: post.replyTo ? Number(post.replyTo.postId) : null,
    in_reply_to_status_id_str: post.replyTo?.postId ?? null,
    in_reply_to_user_id: post.replyTo ? Number(post.replyTo.authorId) : null,
    in_reply_to_user_id_str: post.replyTo?.authorId ?? null,
    in_reply_to_screen_name: answered?.username ?? null,
    user: author && v1User(author),
    is_quote_status: false,
    ...(isLong ? { extended_tweet: extended(world, post, length) } : {}),
    entities: entitiesOf(world, text, media),
    ...(media.length > 0 ? { extended_entities: { media } } : {}),
    ...(post.history.length > 1
      ? { edit_history: { initial_tweet_id: post.history[0], edit_tweet_ids: post.history } }
      : {}),
    favorited: false,
    retweeted: false,
    lang: 'und',
    timestamp_ms: String(post.createdAtMs),
  };
}

/** A message as it goes over the wire: media are a link at the end of the text, and an attachment. */
export function v1Message(world: XWorld, message: DirectMessage): Wire {
  const [media] = message.media;
  const attachment = media && v1Media(world, media);
  const text = attachment === undefined ? message.text : `${message.text} ${String(attachment['url'])}`.trim();
  return {
    type: 'message_create',
    id: message.id,
    created_timestamp: String(message.createdAtMs),
    message_create: {
      target: { recipient_id: message.recipientId },
      sender_id: message.senderId,
      ...(message.viaApp ? { source_app_id: world.app.id } : {}),
      message_data: {
        text,
        entities: { hashtags: [], symbols: [], user_mentions: [], urls: [] },
        ...(attachment === undefined ? {} : { attachment: { type: 'media', media: attachment } }),
      },
    },
  };
}

function extended(world: XWorld, post: Post, length: number): Wire {
  return { full_text: post.text, display_text_range: [0, length], entities: entitiesOf(world, post.text, []) };
}

function entitiesOf(world: XWorld, text: string, media: Wire[]): Wire {
  const mentions = mentionsIn(text, world.people).map(({ start, end, person }) => ({
    screen_name: person.username,
    name: person.name,
    id: Number(person.id),
    id_str: person.id,
    indices: [start, end],
  }));
  return { hashtags: [], urls: [], user_mentions: mentions, symbols: [], ...(media.length > 0 ? { media } : {}) };
}

function v1Media(world: XWorld, media: Media): Wire {
  const hosts = world.mediaHosts();
  const picture = previewUrl(media, hosts);
  const film = { variants: [{ bitrate: 0, content_type: media.contentType, url: mediaUrl(media, hosts) }] };
  return {
    id: Number(media.id),
    id_str: media.id,
    media_url: picture,
    media_url_https: picture,
    url: `https://t.co/${media.resource.slice(0, 10)}`,
    display_url: `pic.x.com/${media.resource.slice(0, 10)}`,
    type: media.type,
    ...(media.altText === undefined ? {} : { ext_alt_text: media.altText }),
    ...(media.type === 'photo' ? {} : { video_info: film }),
  };
}
