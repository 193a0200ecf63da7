import { describeWithBrowser } from '@fanin/test-kit';
import type { Page } from 'playwright-core';
import { axeViolations } from './spec-support/accessibility.js';
import { OPERATOR_TOKEN, startPagesServer, type PagesServer } from './spec-support/pages-server.js';

interface View {
  readonly dark?: boolean;
  readonly phone?: boolean;
}

describeWithBrowser('the dashboard in a browser', (browser) => {
  let server: PagesServer;
  const problems: string[] = [];

  const open = async (path: string, { dark = false, phone = false }: View = {}): Promise<Page> => {
    const context = await browser().newContext({
      colorScheme: dark ? 'dark' : 'light',
      viewport: phone ? { width: 390, height: 844 } : { width: 1360, height: 900 },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (line) => line.text().includes('Content Security Policy') && problems.push(line.text()));
    await page.goto(`${server.url}/?token=${OPERATOR_TOKEN}`);
    if (path !== '/') await page.goto(server.url + path);
    return page;
  };
  const figure = (page: Page, name: string): Promise<string> => page.locator(`[data-figure=${name}]`).innerText();

  beforeAll(async () => {
    server = await startPagesServer();
  }, 120_000);
  afterAll(() => server.stop());
  beforeEach(() => {
    server.state.mode = 'shop';
    problems.length = 0;
  });
  afterEach(async () => {
    for (const context of browser().contexts()) await context.close();
    expect(problems).toEqual([]);
  });

  it('shows the figures of the API, and that the ledger adds up', async () => {
    const page = await open('/');
    await page.locator('[data-figure=created]').waitFor();
    const summary = (await (
      await page.request.get(
        `${server.url}/api/v1/metrics/summary?from=${new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 23 * 3_600_000).toISOString()}`,
      )
    ).json()) as { created_count: number; solved_count: number; backlog_count: number };
    expect(await figure(page, 'created')).toBe(String(summary.created_count));
    expect(await figure(page, 'solved')).toBe(String(summary.solved_count));
    expect(await figure(page, 'backlog')).toBe(String(summary.backlog_count));
    expect(await figure(page, 'first_reply')).toMatch(/^\d+ (s|min)$/);
    expect(await page.locator('.proof').innerText()).toBe(
      'It adds up: 131 + 9 + 12 + 41 + 1 + 2 = 196. Nothing is lost.',
    );
    expect(await page.locator('.accounts li').first().innerText()).toMatch(
      /orders-mailbox[\s\S]*Login refused[\s\S]*What to do/,
    );
    const hotline = page.locator('.accounts li', { hasText: 'hotline' }).first();
    expect(await hotline.innerText()).toMatch(/Having trouble since[\s\S]*4 attempts[\s\S]*Tries again in/);
    await hotline.getByText('Addresses for the provider').click();
    expect(await hotline.locator('.hooks').innerText()).toMatch(
      /Messaging → A message comes in\s+https:\/\/shop\.example\/hooks\/hotline\/sms/,
    );
    expect(await page.locator('.live').innerText()).toBe('Live');
  });

  it('leads from a number to its tickets and on to one of them, and back', async () => {
    const page = await open('/');
    await page.locator('[data-figure=backlog]').click();
    await page.getByRole('heading', { name: 'Backlog: tickets not solved yet' }).waitFor();
    const backlog = server.state.tickets.filter(({ status }) => status !== 'solved' && status !== 'closed').length;
    await page
      .locator('.behind tbody tr')
      .nth(backlog - 1)
      .waitFor();
    expect(await page.locator('.behind tbody tr').count()).toBe(backlog);
    expect(await page.locator('.behind .status-solved').count()).toBe(0);
    expect(new URL(page.url()).search).toBe('?show=backlog');
    await page.locator('.ticket-link').first().click();
    await page.locator('.message').first().waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Backlog: tickets not solved yet' }).waitFor();
  });

  it('leads from a fate to its deliveries with rule, evidence, ticket and original', async () => {
    const page = await open('/');
    await page.locator('[data-fate=suppressed]').click();
    const first = page.locator('.behind tbody tr').first();
    await first.waitFor();
    expect(await first.innerText()).toMatch(/suppressed by rule auto reply/);
    expect(await first.innerText()).toMatch('Auto-Submitted: auto-replied');
    expect(await first.getByRole('link', { name: 'ticket' }).getAttribute('href')).toMatch(/^\/tickets\//);
    expect(await first.getByRole('link', { name: /Original/ }).getAttribute('href')).toBe('/api/v1/deliveries/d0/raw');
  });

  it('explains a figure to the keyboard, and Escape puts that away', async () => {
    const page = await open('/');
    const word = page.getByRole('button', { name: 'Full resolution', exact: true });
    await word.focus();
    await page
      .getByRole('tooltip')
      .filter({ hasText: 'From the creation of a ticket to the last time it was solved' })
      .waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('tooltip').count()).toBe(0);
  });

  it('filters by channel and range, and updates by itself', async () => {
    const page = await open('/?range=7d');
    await page.locator('[data-figure=created]').waitFor();
    const before = Number(await figure(page, 'created'));
    await page.selectOption('#channel', 'chat');
    const chats = server.state.tickets.filter(({ channel }) => channel === 'chat').length;
    await page.locator('[data-figure=created]', { hasText: new RegExp(`^${chats}$`) }).waitFor();
    await page.selectOption('#channel', '');
    await page.locator('[data-figure=created]', { hasText: new RegExp(`^${before}$`) }).waitFor();
    const model = server.state.tickets[0];
    if (model === undefined) throw new Error('the fixture has tickets');
    server.state.tickets = [{ ...model, id: `${model.id}x`, subject: 'Brand new' }, ...server.state.tickets];
    server.state.emit('ticket.created', `${model.id}x`);
    await page.getByText('Brand new').waitFor();
    await page.locator('[data-figure=created]', { hasText: new RegExp(`^${before + 1}$`) }).waitFor();
  });

  it('switches the tenant', async () => {
    const page = await open('/');
    await page.selectOption('#tenant', 'second');
    await page.locator('#tenant', { has: page.locator('option[value=second]:checked') }).waitFor();
    const session = (await (await page.request.get(`${server.url}/api/v1/session`)).json()) as { tenant: string };
    expect(session.tenant).toBe('second');
  });

  it('says how to begin when nothing has arrived', async () => {
    server.state.mode = 'empty';
    const page = await open('/');
    await page.getByRole('heading', { name: 'Nothing has arrived yet' }).waitFor();
    expect(await page.locator('pre').innerText()).toMatch(/npm run send-mail -- --port 2525/);
    expect(await page.getByRole('link', { name: '/demo-shop' }).isVisible()).toBe(true);
    expect(await page.locator('.figures').isVisible()).toBe(false);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('says when the API is away, keeps what it shows, and comes back', async () => {
    const page = await open('/');
    await page.locator('[data-figure=created]').waitFor();
    const shown = await figure(page, 'created');
    server.state.mode = 'broken';
    server.state.emit('ticket.changed', 'x');
    await page.getByRole('alert').waitFor();
    expect(await figure(page, 'created')).toBe(shown);
    server.state.mode = 'shop';
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it.each<[string, View]>([
    ['light', {}],
    ['dark', { dark: true }],
    ['a phone', { phone: true }],
    ['a phone in the dark', { phone: true, dark: true }],
  ])('is usable by everyone in %s, without scrolling sideways', async (_, view) => {
    const page = await open('/', view);
    await page.locator('.rows tbody tr').first().waitFor();
    await page.locator('.proof').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
      true,
    );
    expect(
      await page.evaluate('[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]'),
    ).toEqual(
      view.dark === true ? ['rgb(17, 19, 22)', 'rgb(233, 235, 238)'] : ['rgb(246, 246, 243)', 'rgb(26, 28, 32)'],
    );
  });
});
