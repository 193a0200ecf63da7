import { describeWithBrowser } from '@fanin/test-kit';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { axeViolations } from './spec-support/accessibility.js';
import type { FixtureTicket } from './spec-support/fixture-data.js';
import {
  callTicket,
  FAILED_RECORDING,
  MISSING_FILE,
  socialMessages,
  windowsOfComment,
  windowsOfDirect,
  windowsOfMessenger,
} from './spec-support/fixture-social.js';
import { OPERATOR_TOKEN, startPagesServer, type PagesServer } from './spec-support/pages-server.js';

interface View {
  readonly dark?: boolean;
  readonly phone?: boolean;
}

describeWithBrowser('a ticket of phone or social channels in a browser', (browser) => {
  let server: PagesServer;
  let plain: FixtureTicket;
  const problems: string[] = [];

  const open = async (ticket: FixtureTicket, { dark = false, phone = false }: View = {}): Promise<Page> => {
    server.state.tickets = server.state.tickets.map((other) => (other.id === ticket.id ? ticket : other));
    server.state.messages = socialMessages(ticket);
    const context = await browser().newContext({
      colorScheme: dark ? 'dark' : 'light',
      viewport: phone ? { width: 390, height: 844 } : { width: 1360, height: 900 },
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (line) => line.text().includes('Content Security Policy') && problems.push(line.text()));
    await page.goto(`${server.url}/?token=${OPERATOR_TOKEN}`);
    await page.goto(`${server.url}/tickets/${ticket.id}`);
    await page.locator('.message').first().waitFor();
    return page;
  };
  const comment = (privateSeconds: number): FixtureTicket => ({
    ...plain,
    status: 'open',
    channel: 'social',
    subject: null,
    visibility: 'public',
    reply_windows: windowsOfComment(privateSeconds),
  });
  const direct = (seconds: number, hasTemplates = false): FixtureTicket => ({
    ...plain,
    status: 'open',
    channel: 'social',
    visibility: 'private',
    reply_windows: windowsOfDirect(seconds, hasTemplates),
  });
  const write = (page: Page): ReturnType<Page['locator']> => page.locator('#composer-text');
  const send = (page: Page): ReturnType<Page['locator']> => page.locator('.composer button[type=submit]');
  const shoot = async (page: Page, name: string): Promise<void> => {
    const folder = process.env['FANIN_SCREENSHOTS'];
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  };

  beforeAll(async () => {
    server = await startPagesServer();
  }, 120_000);
  afterAll(() => server.stop());
  beforeEach(() => {
    plain = { ...(server.state.tickets[4] as FixtureTicket), tasks: [], visibility: null, reply_windows: [] };
    server.state.replies.length = 0;
    server.state.patches.length = 0;
    problems.length = 0;
  });
  afterEach(async () => {
    for (const context of browser().contexts()) await context.close();
    expect(problems).toEqual([]);
  });

  it('shows what became of messages: edited, deleted, reacted to, sent elsewhere, unknown', async () => {
    const page = await open(comment(7_200));
    const messages = await page.locator('.message').allInnerTexts();
    expect(messages[0]).toMatch(/Public[\s\S]*Is the blue lamp dimmable\?[\s\S]*❤️\s+Noor[\s\S]*edited by its sender/);
    expect(messages[1]).toMatch(/^Edited/);
    expect(messages[2]).toMatch(/sent with another tool/);
    expect(messages[3]).toMatch(/Deleted by its sender/);
    expect(messages[4]).toMatch(/Private[\s\S]*Unknown whether this went out[\s\S]*Unknown, check/);
    expect(messages[6]).toMatch(/has not come[\s\S]*Words of a message that has not come/);
    expect(await page.getByText('Is the lamp dimable?').isVisible()).toBe(false);
    await page.locator('#message-s2 summary').click();
    expect(await page.getByText('Is the lamp dimable?').isVisible()).toBe(true);
    expect(await page.locator('.ticket-about').innerText()).toMatch('Public');
    await shoot(page, 'comment');
  });

  it.each<[string, View]>([
    ['a desk', {}],
    ['a phone', { phone: true }],
  ])('tells in full what an event says itself, on %s', async (name, view) => {
    const page = await open(callTicket(plain), view);
    const line = (id: string): ReturnType<Page['locator']> => page.locator(`#message-${id} .event-line`);
    expect(await line('s8').innerText()).toMatch(/^File missing/);
    expect(await line('s8').innerText()).toContain(MISSING_FILE);
    expect(await line('s9').innerText()).toMatch(/^Recording failed/);
    expect(await line('s9').innerText()).toContain(FAILED_RECORDING);
    expect(await line('s10').innerText()).toMatch(/^Call ended\s+The call ended after 63 seconds\./);
    expect(await line('s11').innerText()).toMatch(/^Files came/);
    const [width, space] = await line('s8')
      .locator('.event-subject')
      .evaluate((element) => {
        const { scrollWidth, clientWidth } = element as unknown as { scrollWidth: number; clientWidth: number };
        return [scrollWidth, clientWidth];
      });
    // Nothing is cut off.
    expect(width).toBeLessThanOrEqual(space ?? 0);
    await shoot(page, `events-${name.replaceAll(' ', '-')}`);
  });

  it('says that a caller is answered by text message', async () => {
    const page = await open(callTicket(plain));
    expect(await page.locator('.composer-about').innerText()).toMatch(/^To .+ by text message/);
  });

  it('says that an answer is public where nothing limits it, and sends it as chosen', async () => {
    const page = await open({ ...comment(0), reply_windows: [] });
    expect(await page.getByLabel('Public reply').isChecked()).toBe(true);
    await write(page).fill('For all.');
    await send(page).click();
    await page.getByText('The reply is on its way.').waitFor();
    await page.locator('.answer-rules .segmented label', { hasText: 'Private reply' }).click();
    await write(page).fill('Only for you.');
    await send(page).click();
    await page.getByText('The reply is on its way.').waitFor();
    expect(server.state.replies.map(({ body }) => body)).toEqual([
      { text: 'For all.', visibility: 'public' },
      { text: 'Only for you.', visibility: 'private' },
    ]);
  });

  it('names both times of a direct message at Meta', async () => {
    const page = await open({ ...direct(0), reply_windows: windowsOfMessenger(86_280) });
    expect(await page.locator('.way-state').innerText()).toMatch(
      /^Standard 23 h 5[78] min left, then human agent 6 d\.$/,
    );
  });

  it('plays a recording in the page, with its transcript', async () => {
    const page = await open(callTicket(plain));
    const audio = page.locator('#message-s6 audio');
    expect(await page.locator('#message-s6').innerText()).toMatch(/please call me back[\s\S]*transcript by a machine/);
    const played = await audio.evaluate(async (element) => {
      const player = element as unknown as { play(): Promise<void>; duration: number; muted: boolean };
      player.muted = true;
      await player.play();
      return player.duration;
    });
    expect(played).toBeCloseTo(0.1, 1);
  });

  it('shows a callback with its time, and takes word that it is done', async () => {
    const page = await open(callTicket(plain));
    expect(await page.locator('.task').innerText()).toMatch(/Call back[\s\S]*in 2 h[\s\S]*\+1 500 555 0010/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.locator('.task.is-done').waitFor();
    expect(server.state.patches).toEqual([{ done: true }]);
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.locator('.task:not(.is-done)').waitFor();
  });

  it('lets the agent choose between public and private, with the time left', async () => {
    const page = await open(comment(7_500));
    expect(await page.getByLabel('Public reply').isChecked()).toBe(true);
    await page.locator('.answer-rules .segmented label', { hasText: 'Private reply' }).click();
    expect(await page.locator('.answer-rules .segmented').innerText()).toMatch('Private reply (2 h 05 min)');
    expect(await page.locator('.way-state').innerText()).toBe('2 h 05 min left for a private answer.');
    await write(page).fill('Only for you.');
    await send(page).click();
    await page.getByText('The reply is on its way.').waitFor();
    expect(server.state.replies.map(({ body }) => body)).toEqual([{ text: 'Only for you.', visibility: 'private' }]);
  });

  it('offers no choice when there is none, and says who will read it', async () => {
    const page = await open(comment(0));
    expect(await page.locator('.answer-rules .segmented').count()).toBe(0);
    expect(await page.locator('.answer-rules').innerText()).toMatch(/Public\s*Everybody can read it\./);
    await write(page).fill('For all.');
    await send(page).click();
    await page.getByText('The reply is on its way.').waitFor();
    expect(server.state.replies[0]?.body).toEqual({ text: 'For all.', visibility: 'public' });
  });

  it('closes by itself when the time is over, and keeps what was written', async () => {
    const page = await open(direct(8));
    await write(page).fill('Too slow');
    expect(await page.locator('.way-state').innerText()).toMatch(/^\d s left for a private answer\.$/);
    await page.locator('.way-state.tone-bad').waitFor();
    expect(await page.locator('.way-state').innerText()).toMatch('The time for a private answer is over.');
    expect(await send(page).getAttribute('aria-disabled')).toBe('true');
    await send(page).click({ force: true });
    await page.locator('.composer-status', { hasText: 'is over' }).waitFor();
    expect(server.state.replies).toEqual([]);
    expect(await write(page).inputValue()).toBe('Too slow');
    await page.getByRole('tab', { name: 'Internal note' }).click();
    expect(await send(page).getAttribute('aria-disabled')).toBeNull();
    expect(await page.locator('.answer-rules').isVisible()).toBe(false);
  });

  it('never turns a private answer into a public one when its time is over', async () => {
    const page = await open(comment(10));
    await page.locator('.answer-rules .segmented label', { hasText: 'Private reply' }).click();
    await write(page).fill('Your card number is safe.');
    await page.locator('.way-state.tone-bad').waitFor();
    const over = comment(0);
    server.state.tickets = server.state.tickets.map((other) =>
      other.id === over.id ? { ...over, subject: 'New' } : other,
    );
    server.state.emit('ticket.changed', over.id);
    await page.locator('h1', { hasText: 'New' }).waitFor();
    expect(await page.getByLabel(/^Private reply/).isChecked()).toBe(true);
    await page.keyboard.press('Control+Enter');
    await send(page).click({ force: true });
    await page.locator('.composer-status', { hasText: 'is over' }).waitFor();
    expect(server.state.replies).toEqual([]);
    await page.locator('.answer-rules .segmented label', { hasText: 'Public reply' }).click();
    expect(await send(page).getAttribute('aria-disabled')).toBeNull();
  });

  it('asks for a template when only that is possible', async () => {
    const page = await open(direct(0, true));
    expect(await page.locator('.way-state').innerText()).toMatch('Only a template that the provider approved');
    await write(page).fill('Your order has left.');
    await send(page).click();
    await page.getByText('Name the template.').waitFor();
    await page.getByLabel('Template', { exact: true }).fill('order_update');
    await page.getByLabel('Language').fill('en_US');
    await page.getByLabel('Values for its gaps, one a line').fill('1=order 1042');
    await send(page).click();
    await page.getByText('The reply is on its way.').waitFor();
    expect(server.state.replies[0]?.body).toEqual({
      text: 'Your order has left.',
      visibility: 'private',
      template: { id: 'order_update', language: 'en_US', variables: { 1: 'order 1042' } },
    });
    await shoot(page, 'template');
  });

  it.each<[string, View]>([
    ['light', {}],
    ['dark', { dark: true }],
    ['a phone', { phone: true }],
    ['a phone in the dark', { phone: true, dark: true }],
  ])('is usable by everyone in %s, without scrolling sideways', async (name, view) => {
    for (const [kind, ticket] of [
      ['call', { ...callTicket(comment(7_500)), reply_windows: windowsOfComment(7_500) }],
      ['template', direct(0, true)],
      ['closed', direct(0)],
    ] as const) {
      const page = await open(ticket, view);
      await page.locator('.answer-rules').waitFor();
      await shoot(page, `${kind}-${name.replaceAll(' ', '-')}`);
      expect([kind, await axeViolations(page)]).toEqual([kind, []]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
        true,
      );
    }
  });
});
