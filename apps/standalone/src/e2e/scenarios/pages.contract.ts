import { handIn, MAIL, mailOf, type SystemUnderTest } from '@fanin/trials';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describeWithChromium, picture, violations } from '../spec-support/browser.js';

const VIEWS: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
];

/** Every page as people meet it: nothing for axe-core to find, nothing for the browser to complain about. */
export function describePages(system: () => SystemUnderTest): void {
  describeWithChromium('pages', (visitor) => {
    let ticketId: string;
    beforeAll(async () => {
      const { api, smtpPort, relay } = system();
      const text =
        'Hello,\n\norder 1007 has not come. Could you look?\n\nAda\n\nOn Monday, Shop a wrote:\n> It leaves tomorrow.\n> https://shop.example/1007';
      await handIn(smtpPort, mailOf({ to: MAIL.a, subject: 'Where is my parcel?', text }), { to: MAIL.a });
      ticketId = (await api.a.ticketWith('Where is my parcel?')).id;
      await api.a.call('POST', `/api/v1/tickets/${ticketId}/notes`, { body: { text: 'Asked the carrier.' } });
      const reply = await api.a.reply(ticketId, { text: 'It is at the depot and comes tomorrow.' });
      await relay.mailWith('at the depot');
      await api.a.message(ticketId, ({ id, delivery }) => id === reply.id && delivery?.status === 'sent');
    }, 60_000);

    const login = async (page: Page): Promise<void> => {
      const { url, operatorToken } = system();
      await page.goto(`${url}/?token=${operatorToken}`);
      await page.request.post(`${url}/session/tenant`, { data: { tenant: 'a' }, headers: { origin: url } });
    };
    const clean = async (page: Page, name: string): Promise<void> => {
      await picture(page, `${name}-${system().form}`);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    };

    it.each(VIEWS)(
      'have no accessibility violation: %s',
      async (name, options) => {
        const { url } = system();
        const page = await visitor().page(options);
        await page.goto(`${url}/`);
        await page.locator('#token').waitFor();
        await clean(page, `login-${name}`);
        // The refusal is what a browser logs for a page that answers 401.
        visitor().faults.splice(0);
        await login(page);

        await page.goto(`${url}/`);
        await page.locator('[data-key="figure-created"]').waitFor();
        await page.locator('.proof').waitFor();
        await clean(page, `dashboard-${name}`);

        await page.goto(`${url}/tickets/${ticketId}`);
        await page.locator('.message', { hasText: 'at the depot' }).waitFor();
        await page.locator('#composer-text').waitFor();
        await clean(page, `ticket-${name}`);

        await page.goto(`${url}/demo-shop`);
        await page.locator('.launch').click();
        await page.locator('.state', { hasText: 'Connected' }).waitFor();
        await page.locator('textarea').fill(`Does the lantern come with oil? (${name})`);
        await page.locator('.send').click();
        await page.locator('.m.me .meta', { hasText: 'Sent' }).waitFor();
        await clean(page, `shop-${name}`);
        expect(visitor().faults).toEqual([]);
        await page.context().close();
      },
      60_000,
    );

    it('drill from a number to its tickets and to a conversation, where one answers', async () => {
      const { url, api, relay } = system();
      const page = await visitor().page();
      await login(page);
      await page.goto(`${url}/?range=7d`);
      await page.locator('[data-key="figure-created"]').click();
      await page.getByRole('link', { name: 'Where is my parcel?' }).first().click();
      await page.locator('#composer-text').fill('Answered on the page.');
      await page.locator('.composer button[type=submit]').click();
      await page.locator('.message', { hasText: 'Answered on the page.' }).waitFor();
      await relay.mailWith('Answered on the page.');
      expect((await api.a.messages(ticketId)).filter(({ text }) => text === 'Answered on the page.')).toHaveLength(1);
      await page.locator('.delivery', { hasText: /sent/i }).nth(1).waitFor();
      expect(visitor().faults).toEqual([]);
      await page.context().close();
    }, 60_000);

    it('refuse a wrong token, and say so', async () => {
      const page = await visitor().page();
      await page.goto(`${system().url}/`);
      await page.locator('#token').fill('wrong');
      await page.keyboard.press('Enter');
      await page.locator('[role=alert]').waitFor();
      expect(await violations(page)).toEqual([]);
      visitor().faults.splice(0);
      await page.context().close();
    }, 30_000);
  });
}
