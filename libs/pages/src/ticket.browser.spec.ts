import { describeWithBrowser } from '@fanin/test-kit';
import type { Page } from 'playwright-core';
import { axeViolations } from './spec-support/accessibility.js';
import { makeMessages } from './spec-support/fixture-conversation.js';
import type { FixtureTicket } from './spec-support/fixture-data.js';
import { OPERATOR_TOKEN, startPagesServer, type PagesServer } from './spec-support/pages-server.js';

interface View {
  readonly dark?: boolean;
  readonly phone?: boolean;
}

describeWithBrowser('the ticket page in a browser', (browser) => {
  let server: PagesServer;
  let ticket: FixtureTicket;
  const problems: string[] = [];
  const foreign: string[] = [];

  const open = async ({ dark = false, phone = false }: View = {}): Promise<Page> => {
    const context = await browser().newContext({
      colorScheme: dark ? 'dark' : 'light',
      viewport: phone ? { width: 390, height: 844 } : { width: 1360, height: 900 },
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on(
      'request',
      (request) =>
        !request.url().startsWith(server.url) && !request.url().startsWith('data:') && foreign.push(request.url()),
    );
    await page.goto(`${server.url}/?token=${OPERATOR_TOKEN}`);
    await page.goto(`${server.url}/tickets/${ticket.id}`);
    await page.locator('.message').first().waitFor();
    return page;
  };
  const write = (page: Page): ReturnType<Page['locator']> => page.locator('#composer-text');

  beforeAll(async () => {
    server = await startPagesServer();
  }, 120_000);
  afterAll(() => server.stop());
  beforeEach(() => {
    ticket = server.state.tickets[4] as FixtureTicket;
    server.state.messages = makeMessages(ticket);
    server.state.replies.length = 0;
    server.state.patches.length = 0;
    server.state.loseAnswers = 0;
    server.state.replyDelayMs = 0;
    problems.length = 0;
    foreign.length = 0;
  });
  afterEach(async () => {
    for (const context of browser().contexts()) await context.close();
    expect([problems, foreign]).toEqual([[], []]);
  });

  it('shows the conversation, oldest first, with all that is known of each message', async () => {
    const page = await open();
    const messages = await page.locator('.message').allInnerTexts();
    expect(messages).toHaveLength(6);
    expect(messages[0]).toMatch(
      /Grace Hill[\s\S]*blue lamp[\s\S]*crack\.jpg[\s\S]*sent [\s\S]*received [\s\S]*opened this ticket/,
    );
    expect(messages[1]).toMatch(/Delivered/);
    expect(messages[2]).toMatch(/Internal note/);
    expect(messages[3]).toMatch(/^Automatic\s+Out of office/);
    expect(messages[4]).toMatch(/joined by reply address[\s\S]*character set guessed/);
    expect(messages[5]).toMatch(/Not delivered[\s\S]*The mailbox is full/);
    expect(await page.getByText('> I am sorry about that').isVisible()).toBe(false);
    await page.getByText('Quoted text').click();
    expect(await page.getByText('> I am sorry about that').isVisible()).toBe(true);
    expect(await page.getByRole('link', { name: /crack\.jpg/ }).getAttribute('href')).toBe(
      '/api/v1/messages/m1/attachments/0',
    );
    expect(await page.getByRole('link', { name: 'Original' }).first().getAttribute('href')).toBe(
      '/api/v1/messages/m1/raw',
    );
  });

  it('takes the text of a customer as text', async () => {
    const page = await open();
    expect(await page.locator('.message .text').first().innerText()).toMatch('<img src=x onerror=');
    expect(await page.locator('.message img').count()).toBe(0);
    expect(await page.title()).not.toBe('owned');
  });

  it('shows HTML in a frame that runs nothing and loads nothing', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Show formatted' }).click();
    const frame = page.frameLocator('.mail-frame');
    await frame.getByText('blue lamp').waitFor();
    expect(await page.locator('.mail-frame').getAttribute('sandbox')).not.toMatch('allow-scripts');
    expect(await frame.locator('script, img, [onerror]').count()).toBe(0);
    expect(await frame.getByText('crack').getAttribute('style')).toBe('background-color: rgb(255, 224, 138);');
    expect(await frame.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      null,
      'https://shop.example/orders/1042',
    ]);
    expect(await page.title()).not.toBe('owned');
  });

  it('sends once on a double click, and empties the box', async () => {
    const page = await open();
    server.state.replyDelayMs = 150;
    await write(page).fill('It goes to your office.');
    await page.getByRole('button', { name: 'Send reply' }).dblclick();
    await page.getByText('The reply is on its way.').waitFor();
    expect(server.state.replies.map(({ text }) => text)).toEqual(['It goes to your office.']);
    expect(await page.locator('.message').last().innerText()).toMatch(/It goes to your office\.[\s\S]*Queued/);
    expect(await write(page).inputValue()).toBe('');
  });

  it('sends again under the same key when the answer was lost, so that it goes out once', async () => {
    const page = await open();
    server.state.loseAnswers = 1;
    await write(page).fill('Only once, please.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('it cannot go out twice').waitFor();
    expect(await write(page).inputValue()).toBe('Only once, please.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('The reply is on its way.').waitFor();
    expect(server.state.replies).toHaveLength(2);
    expect(new Set(server.state.replies.map(({ key }) => key)).size).toBe(1);
    expect(await page.getByText('Only once, please.').count()).toBe(1);
  });

  it('keeps what is typed over a reload and over messages that arrive', async () => {
    const page = await open();
    await write(page).fill('half a sent');
    await page.reload();
    await page.locator('.message').first().waitFor();
    expect(await write(page).inputValue()).toBe('half a sent');
    await write(page).focus();
    await page.keyboard.press('End');
    server.state.messages.push({ ...server.state.messages[4], id: 'm7', text: 'One more thing!' });
    server.state.emit('message.added', ticket.id);
    await page.getByText('One more thing!').waitFor();
    await page.keyboard.type('ence');
    expect(await write(page).inputValue()).toBe('half a sentence');
  });

  it('adds a note apart from the reply', async () => {
    const page = await open();
    await write(page).fill('to the customer');
    await page.getByRole('tab', { name: 'Internal note' }).click();
    expect(await write(page).inputValue()).toBe('');
    await write(page).fill('to ourselves');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByText('The note was added.').waitFor();
    expect(await page.locator('.message-note').last().innerText()).toMatch('to ourselves');
    expect(server.state.replies).toEqual([]);
    await page.getByRole('tab', { name: 'Reply' }).click();
    expect(await write(page).inputValue()).toBe('to the customer');
  });

  it('changes status, assignee and tags', async () => {
    const page = await open();
    await page.getByLabel('Status', { exact: true }).selectOption('pending');
    await page.locator('.status-pending').waitFor();
    await page.getByLabel('Assignee').fill('ada');
    await page.keyboard.press('Enter');
    await page.locator('#ticket-assignee[value=ada]').waitFor();
    await page.getByLabel('Tags').fill('lamp');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove tag lamp' }).waitFor();
    expect(server.state.patches).toEqual([{ status: 'pending' }, { assignee_id: 'ada' }, { tags: ['lamp'] }]);
  });

  it('says so when there is no such ticket', async () => {
    const page = await open();
    await page.goto(`${server.url}/tickets/00000000-0000-4000-8000-999999999999`);
    await page.getByText('There is no such ticket here').waitFor();
  });

  it.each<[string, View]>([
    ['light', {}],
    ['dark', { dark: true }],
    ['a phone', { phone: true }],
    ['a phone in the dark', { phone: true, dark: true }],
  ])('is usable by everyone in %s, without scrolling sideways', async (_, view) => {
    const page = await open(view);
    await page.getByRole('button', { name: 'Show formatted' }).click();
    await page.frameLocator('.mail-frame').getByText('blue lamp').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
      true,
    );
  });
});
