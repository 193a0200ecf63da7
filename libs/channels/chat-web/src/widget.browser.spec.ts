import { join } from 'node:path';
import axe from 'axe-core';
import { createSystemClock } from '@fanin/kernel';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { describeWithBrowser } from '@fanin/test-kit';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { bundle } from '../browser.mjs';
import { ChatServer } from './spec-support/chat-server.js';
import { SECRET, visitorToken } from './spec-support/client-tokens.js';
import { SharedLog } from './spec-support/shared-log.js';

const OUT = join(import.meta.dirname, '..', '..', '..', '..', 'dist', 'libs', 'channels', 'chat-web', 'browser');
const PICTURES = process.env['FANIN_PICTURES'];

const reply = (conversation: string, id: string, text: string): OutboundMessageV1 => ({
  outbound_id: id,
  tenant: 'default',
  account_id: 'shop',
  channel: 'chat',
  channel_slug: 'chat-web',
  ticket_id: 't',
  ticket_number: 1,
  conversation_key: conversation,
  kind: 'reply',
  to: [],
  author_name: 'Robin',
  subject: null,
  text,
  attachments: [],
  in_reply_to: null,
  references: [],
  provider_fields: {},
  created_at: '2026-11-21T08:15:30.120Z',
});

describeWithBrowser('the widget in a browser', (browser) => {
  let log: SharedLog;
  let server: ChatServer;
  const faults: string[] = [];

  beforeAll(async () => {
    await bundle({ outdir: OUT });
  }, 60_000);
  beforeEach(async () => {
    log = new SharedLog(createSystemClock());
    server = await ChatServer.start({ log });
    faults.length = 0;
  });
  afterEach(() => server.stop());

  async function visit(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser().newContext({
      viewport: { width: 1180, height: 820 },
      reducedMotion: 'reduce',
      ...options,
    });
    // The test looks through the closed shadow root; the page itself cannot.
    await context.addInitScript(`
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function (init) {
        globalThis.shadowMode = init.mode;
        return attach.call(this, { ...init, mode: 'open' });
      };
      addEventListener('securitypolicyviolation', (event) => console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI));
    `);
    return open(await context.newPage());
  }
  async function open(page: Page): Promise<Page> {
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('WebSocket connection')) faults.push(message.text());
    });
    await page.goto(`${server.url}/demo-shop`);
    return page;
  }
  async function answer(id: string, text: string): Promise<void> {
    const conversation = [...log.transcripts.keys()].find((key) => !key.includes(':')) ?? '';
    await server.instance.deliver?.send(reply(conversation, id, text), {
      signal: new AbortController().signal,
      attachment: () => Promise.reject(new Error('none')),
    });
  }
  async function tabTo(page: Page, selector: string): Promise<void> {
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press('Tab');
      if (await page.locator(`${selector}:focus`).count()) return;
    }
    throw new Error(`${selector} cannot be reached by Tab`);
  }
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const result = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
    return result.violations.map((each) => `${each.id}: ${each.nodes.map((node) => String(node.target)).join(' ')}`);
  }
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
  const sent = (page: Page) => page.locator('.m.me .meta', { hasText: 'Sent' });

  it('is used by keyboard alone, survives a kill of the server, and shows everything once', async () => {
    let page = await visit();
    await tabTo(page, '.launch');
    await page.keyboard.press('Enter');
    expect(await page.locator('textarea:focus').count()).toBe(1);
    await page.keyboard.type('Do the mugs go into the dishwasher?');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('Asking for <b>a friend</b>.');
    await page.keyboard.press('Enter');
    await sent(page).waitFor();
    expect(await page.locator('.m.me .b').innerText()).toBe(
      'Do the mugs go into the dishwasher?\nAsking for <b>a friend</b>.',
    );

    const { port } = server;
    await server.kill();
    await page.locator('.note', { hasText: 'No connection' }).waitFor();
    await page.keyboard.type('Are you still there?');
    await page.keyboard.press('Enter');
    await page.locator('.m.me .meta', { hasText: 'Waiting for connection' }).waitFor();
    // The tab is gone: only what is stored survives.
    const context = page.context();
    await page.close();
    server = await ChatServer.start({ log, port });
    page = await open(await context.newPage());
    await tabTo(page, '.launch');
    await page.keyboard.press('Space');
    await sent(page).nth(1).waitFor();
    const [transcript] = [...log.transcripts.values()];
    expect(transcript?.map((entry) => (JSON.parse(entry.payload) as { text: string }).text)).toEqual([
      'Do the mugs go into the dishwasher?\nAsking for <b>a friend</b>.',
      'Are you still there?',
    ]);

    await answer('outbound-1', 'Yes, up to 60 °C. See https://shop.example/care. javascript:alert(1)');
    await answer('outbound-1', 'Yes, up to 60 °C. See https://shop.example/care. javascript:alert(1)');
    await page.locator('.m:not(.me)', { hasText: 'Robin' }).waitFor();
    expect(await page.locator('.log .m').count()).toBe(4);
    expect(await page.locator('.log a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(
      ['https://shop.example/care'],
    );
    await page.keyboard.press('Escape');
    expect(await page.locator('.launch:focus').count()).toBe(1);
    await answer('outbound-2', 'Anything else?');
    await page.locator('.badge', { hasText: '1' }).waitFor();
    expect(await page.locator('.launch').getAttribute('aria-label')).toBe('Open chat, 1 new');
    expect(await page.evaluate('shadowMode')).toBe('closed');
    expect(faults).toEqual([]);
    await page.context().close();
  }, 60_000);

  it('is one visitor in two tabs that open at once, and each shows what the other writes', async () => {
    const one = await visit();
    const two = await open(await one.context().newPage());
    await Promise.all([one, two].map((page) => page.evaluate(`document.querySelector('fanin-chat').open()`)));
    await one.locator('.state', { hasText: 'Connected' }).waitFor();
    await two.locator('.state', { hasText: 'Connected' }).waitFor();
    for (const [page, text] of [
      [one, 'from the first tab'],
      [two, 'from the second tab'],
    ] as const) {
      await page.locator('textarea').fill(text);
      await page.locator('.send').click();
      await page.locator('.m.me', { hasText: text }).locator('.meta', { hasText: 'Sent' }).waitFor();
    }
    await one.locator('.m.me', { hasText: 'from the second tab' }).waitFor();
    await two.locator('.m.me', { hasText: 'from the first tab' }).waitFor();
    expect([...log.transcripts.keys()].length).toBe(1);
    await one.context().close();
  }, 60_000);

  it.each<[string, BrowserContextOptions]>([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
    ['zoomed', { viewport: { width: 590, height: 410 }, deviceScaleFactor: 2 }],
  ])(
    'has no accessibility violation: %s',
    async (name, options) => {
      const page = await visit(options);
      await page.locator('.launch').waitFor();
      await picture(page, `shop-${name}`);
      expect(await violations(page)).toEqual([]);
      await page.locator('#ask').click();
      await page.locator('.state', { hasText: 'Connected' }).waitFor();
      await page.locator('textarea').fill('Does the harbour lantern come with oil?');
      await page.locator('.send').click();
      await sent(page).waitFor();
      await answer(
        'outbound-1',
        'It does not, but any lamp oil works. We write about it here: https://shop.example/care',
      );
      await page.locator('.m:not(.me)', { hasText: 'Robin' }).waitFor();
      await picture(page, `chat-${name}`);
      expect(await violations(page)).toEqual([]);
      await server.kill();
      await page.locator('textarea').fill('Wonderful, thank you!');
      await page.locator('.send').click();
      await page.locator('.m.me .meta', { hasText: 'Waiting' }).waitFor();
      await picture(page, `offline-${name}`);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      server = await ChatServer.start({ log });
      await page.context().close();
    },
    60_000,
  );

  it('leaves a message that can never be sent where it is, to be tried again or removed, and sends the next', async () => {
    const page = await visit();
    await page.locator('#ask').click();
    await page.locator('.state', { hasText: 'Connected' }).waitFor();
    const { port } = server;
    await server.kill();
    await page.locator('textarea').fill('written before the limit became smaller');
    await page.locator('.send').click();
    await page.locator('textarea').fill('short');
    await page.locator('.send').click();
    server = await ChatServer.start({ log, port, config: { max_text_bytes: 20 } });
    const failed = page.locator('.m.failed', { hasText: 'written before' });
    await failed.locator('.meta', { hasText: 'Not sent' }).waitFor();
    await page.locator('.m.me', { hasText: 'short' }).locator('.meta', { hasText: 'Sent' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.locator('textarea').fill('longer than twenty bytes');
    await page.locator('.send').click();
    await page.locator('[role=alert]', { hasText: 'too long' }).waitFor();
    await failed.locator('button', { hasText: 'Remove' }).click();
    await failed.waitFor({ state: 'detached' });
    expect(log.raw.length).toBe(1);
    await page.context().close();
  }, 60_000);

  it('keeps the conversation when the visitor signs in, and shows nothing of it after signing out', async () => {
    await server.stop();
    server = await ChatServer.start({ log, config: { jwt_keys: [{ kid: 'new', alg: 'HS256', key: SECRET }] } });
    const page = await visit();
    await page.locator('#ask').click();
    await page.locator('textarea').fill('before signing in');
    await page.locator('.send').click();
    await sent(page).waitFor();
    const call = (method: string): Promise<unknown> => page.evaluate(`document.querySelector('fanin-chat').${method}`);
    const stored = (): Promise<unknown> => page.evaluate(`localStorage.getItem('fanin-chat:shop:token')`);
    const anonymous = await stored();
    await call(`identify('${await visitorToken()}')`);
    await page.locator('textarea').fill('after signing in');
    await page.locator('.send').click();
    await sent(page).nth(1).waitFor();
    expect(log.raw.map((raw) => raw.meta['visitor_id'])).toEqual([expect.stringMatching(/^anon:/), 'user:customer-17']);
    expect(await stored()).toBeNull();
    await call('logout()');
    await page.locator('.m.me').first().waitFor({ state: 'detached' });
    await page.locator('.state', { hasText: 'Connected' }).waitFor();
    expect(await page.locator('.m.me').count()).toBe(0);
    expect(await stored()).not.toBe(anonymous);
    await page.context().close();
  }, 60_000);
});
