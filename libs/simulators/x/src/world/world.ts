import type { SeededRandom, SimulatorClock } from '@fanin/simulators/core';
import { DEFAULT_ACCOUNT, DEFAULT_APP } from '../options.js';
import type { XApp, XSimulatorOptions } from '../options.js';
import { changeSettings, defaultSettings } from '../settings.js';
import type { XSettings } from '../settings.js';
import { conversationIdOf, DirectMessages } from './direct-messages.js';
import type { DirectMessage } from './direct-messages.js';
import { Snowflakes } from './ids.js';
import { MediaShelf, VENDOR_MEDIA_HOSTS } from './media.js';
import type { MediaHosts } from './media.js';
import { People } from './people.js';
import type { Person } from './people.js';
import { Posts } from './posts.js';
import { TokenStore } from './tokens.js';
import { Usage } from './usage.js';

/** Something that our side had X do, as `GET /_control/sent` shows it. */
export interface XSent {
  kind: 'post' | 'dm' | 'delete';
  id: string;
  at: string;
  account_id: string;
  text?: string;
  in_reply_to?: string;
  conversation_id?: string;
  /** Username of the one who gets a direct message. */
  to?: string;
}

/** All that the vendor knows. */
export class XWorld {
  readonly settings: XSettings;
  readonly app: XApp;
  readonly ids = new Snowflakes();
  readonly people: People;
  readonly posts: Posts;
  readonly dms = new DirectMessages();
  readonly media: MediaShelf;
  readonly tokens: TokenStore;
  readonly usage: Usage;
  readonly sent: XSent[] = [];
  /** Set once the simulator listens. */
  ownUrl = '';

  constructor(
    readonly clock: SimulatorClock,
    readonly random: SeededRandom,
    options: XSimulatorOptions,
  ) {
    this.settings = defaultSettings();
    changeSettings(this.settings, { ...options.settings });
    this.app = { ...DEFAULT_APP, ...options.app };
    this.people = new People(clock, this.ids);
    this.posts = new Posts(this.ids, this.people);
    this.media = new MediaShelf(this.ids, random);
    this.tokens = new TokenStore(clock, random, this.settings);
    this.usage = new Usage(clock, this.settings);
    for (const { username, name, id, premium, ...tokens } of options.accounts ?? [DEFAULT_ACCOUNT]) {
      const person = this.people.add({
        username,
        account: true,
        ...(name === undefined ? {} : { name }),
        ...(id === undefined ? {} : { id }),
        ...(premium === undefined ? {} : { premium }),
      });
      this.tokens.seed(person.id, { username, ...tokens });
    }
  }

  mediaHosts(): MediaHosts {
    const own = { photos: this.ownUrl, videos: this.ownUrl, directMessages: this.ownUrl };
    return this.settings.media_origin === 'own' ? own : VENDOR_MEDIA_HOSTS;
  }

  message(
    from: Person,
    to: Person,
    text: string,
    atMs: number,
    more: { media?: unknown; viaApp?: boolean },
  ): DirectMessage {
    const id = this.ids.at(atMs);
    return this.dms.add({
      id,
      conversationId: conversationIdOf(from.id, to.id),
      senderId: from.id,
      recipientId: to.id,
      text,
      createdAtMs: atMs,
      media: this.media.add(more.media, atMs, id),
      viaApp: more.viaApp ?? false,
    });
  }

  /** Forgets what was written; accounts, tokens and settings stay. */
  clear(): void {
    this.posts.clear();
    this.dms.clear();
    this.media.clear();
    this.usage.clear();
    this.people.forgetCustomers();
    this.sent.length = 0;
  }
}
