import { MetaDesk, unique, type SystemUnderTest } from '@fanin/trials';
import type { Page } from 'playwright-core';
import { describeWithChromium, picture, violations } from '../spec-support/browser.js';

/** An agent with a browser answers a comment at Meta, in public and privately. */
export function describeMetaPages(system: () => SystemUnderTest): void {
  const desk = new MetaDesk(system);

  async function openTicket(page: Page, ticketId: string): Promise<void> {
    const { url, operatorToken } = system();
    await page.goto(`${url}/?token=${operatorToken}`);
    await page.request.post(`${url}/session/tenant`, { data: { tenant: 'a' }, headers: { origin: url } });
    await page.goto(`${url}/tickets/${ticketId}`);
    await page.locator('#composer-text').waitFor();
  }

  describeWithChromium('the page of a ticket from Meta', (visitor) => {
    it('shows who can read what, sends as chosen, and takes up what happens at Meta', async () => {
      const words = unique('Does it come in red?');
      const comment = await desk.opened({ channel: 'page_comment', from: { name: unique('Ida') }, text: words });
      const page = await visitor().page();
      await openTicket(page, comment.ticket.id);
      expect(await page.locator('.ticket-about').innerText()).toContain('Public');
      const send = async (choice: 'Public reply' | 'Private reply', text: string): Promise<void> => {
        await page.locator('.answer-rules .segmented label', { hasText: choice }).click();
        await page.locator('#composer-text').fill(text);
        await page.locator('.composer button[type=submit]').click();
        await page.locator('.message', { hasText: text }).waitFor();
      };
      const [shown, quiet] = [unique('Yes, in red too.'), unique('With 10 % off for you.')];
      await send('Public reply', shown);
      expect(await desk.sentOnce(shown)).toMatchObject({ kind: 'comment', comment_id: comment.said.id });
      expect(await page.locator('.answer-rules .segmented').innerText()).toMatch(/Private reply \((6|7) d/);
      await send('Private reply', quiet);
      expect(await desk.sentOnce(quiet)).toMatchObject({ kind: 'private_reply', comment_id: comment.said.id });
      await page.locator('.message', { hasText: quiet }).getByText('Delivered').waitFor();
      // Now that both are there, each says which it is.
      expect(await page.locator('.message', { hasText: words }).innerText()).toContain('Public');
      expect(await page.locator('.message', { hasText: quiet }).innerText()).toContain('Private');
      const edit = unique('Does it come in dark red?');
      await desk.says({ channel: 'page_comment', kind: 'edited', comment: comment.said.id, text: edit });
      await page.locator('.message', { hasText: edit }).getByText('edited by its sender').first().waitFor();
      await page.reload();
      await page.locator('.message', { hasText: quiet }).waitFor();
      // The one private answer is given.
      expect(await page.locator('.answer-rules .segmented').count()).toBe(0);
      expect(await page.locator('.answer-rules').innerText()).toMatch(/Public\s*Everybody can read it\./);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await picture(page, `meta-ticket-${system().form}`);
      expect([desk.sent(shown).length, desk.sent(quiet).length]).toEqual([1, 1]);
      expect(visitor().faults).toEqual([]);
      await page.context().close();
    }, 60_000);
  });
}
