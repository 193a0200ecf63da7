import { ControlError } from '@fanin/simulators/core';
import type { Account, App, Token } from './model.js';
import type { MetaAppOptions, MetaPageOptions, MetaPhoneOptions } from './options.js';

/** Apps, the accounts they were given, and the tokens: what a person sets up at the vendor's side. Survives a reset. */
export class Registry {
  readonly apps = new Map<string, App>();
  readonly accounts = new Map<string, Account>();
  readonly tokens = new Map<string, Token>();

  constructor(apps: readonly MetaAppOptions[]) {
    for (const app of apps) this.#addApp(app);
  }

  app(id: string): App {
    const app = this.apps.get(id);
    if (app === undefined) throw new ControlError(`no app ${id}; there are ${[...this.apps.keys()].join(', ')}`);
    return app;
  }

  account(id: string): Account {
    const account = this.accounts.get(id);
    if (account !== undefined) return account;
    throw new ControlError(`no account ${id}; there are ${[...this.accounts.keys()].join(', ')}`);
  }

  /** The account named, or the first of its kind. */
  accountOf(kind: Account['kind'], id?: string): Account {
    const account = id === undefined ? this.firstOf(kind) : this.account(id);
    if (account === undefined) throw new ControlError(`no ${kind} account is set up`);
    if (account.kind !== kind) throw new ControlError(`${account.id} is a ${account.kind} account, not ${kind}`);
    return account;
  }

  firstOf(kind: Account['kind']): Account | undefined {
    return [...this.accounts.values()].find((account) => account.kind === kind);
  }

  /** Phones of one WhatsApp Business Account. */
  phonesOf(wabaId: string): Account[] {
    return [...this.accounts.values()].filter((account) => account.phone?.wabaId === wabaId);
  }

  linkedInstagram(pageId: string): Account | undefined {
    return [...this.accounts.values()].find((account) => account.kind === 'instagram' && account.pageId === pageId);
  }

  appsOf(account: Account): App[] {
    return [...account.appIds].map((id) => this.app(id));
  }

  setToken(value: string, state: Token['state']): void {
    const token = this.tokens.get(value);
    if (token === undefined) throw new ControlError('no such access token; give one of the accounts’ tokens');
    token.state = state;
  }

  /** A fresh token for the same accounts; the old one is revoked. */
  replaceToken(old: string, value: string): void {
    const token = this.tokens.get(old);
    if (token === undefined) throw new ControlError('no such access token to replace');
    token.state = 'revoked';
    this.tokens.set(value, { ...token, value, accountIds: new Set(token.accountIds), state: 'valid' });
  }

  #addApp(options: MetaAppOptions): void {
    this.apps.set(options.id, { options, subscriptions: new Map(), calls: [] });
    for (const page of options.pages ?? []) this.#addPage(options.id, page);
    for (const instagram of options.instagram ?? []) {
      const { accessToken, ...rest } = instagram;
      this.#addInstagram(options.id, rest);
      this.#grant(accessToken, options.id, instagram.id);
    }
    for (const phone of options.phones ?? []) this.#addPhone(options.id, phone);
  }

  #addPage(appId: string, page: MetaPageOptions): void {
    const known = this.accounts.get(page.id);
    if (known === undefined) {
      const { id, name } = page;
      const appIds = new Set([appId]);
      this.accounts.set(id, { kind: 'page', id, name, object: 'page', entryId: id, appIds, page });
    } else known.appIds.add(appId);
    this.#grant(page.accessToken, appId, page.id);
    if (page.instagram === undefined) return;
    this.#addInstagram(appId, page.instagram, page.id);
    this.#grant(page.accessToken, appId, page.instagram.id);
  }

  #addInstagram(appId: string, instagram: NonNullable<Account['instagram']>, pageId?: string): void {
    const known = this.accounts.get(instagram.id);
    if (known !== undefined) return void known.appIds.add(appId);
    this.accounts.set(instagram.id, {
      kind: 'instagram',
      id: instagram.id,
      name: instagram.name ?? instagram.username,
      object: 'instagram',
      entryId: instagram.id,
      appIds: new Set([appId]),
      instagram,
      ...(pageId === undefined ? {} : { pageId }),
    });
  }

  #addPhone(appId: string, phone: MetaPhoneOptions): void {
    const known = this.accounts.get(phone.id);
    if (known === undefined) {
      this.accounts.set(phone.id, {
        kind: 'phone',
        id: phone.id,
        name: phone.verifiedName,
        object: 'whatsapp_business_account',
        entryId: phone.wabaId,
        appIds: new Set([appId]),
        phone,
      });
    } else known.appIds.add(appId);
    this.#grant(phone.accessToken, appId, phone.id);
  }

  #grant(value: string, appId: string, accountId: string): void {
    const token = this.tokens.get(value) ?? { value, appId, accountIds: new Set<string>(), state: 'valid' as const };
    if (token.appId !== appId)
      throw new ControlError(`one access token is given to the apps ${token.appId} and ${appId}`);
    token.accountIds.add(accountId);
    this.tokens.set(value, token);
  }
}
