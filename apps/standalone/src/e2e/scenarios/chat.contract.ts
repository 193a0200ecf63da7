import { randomUUID } from 'node:crypto';
import { ChatClient } from '@fanin/test-kit';
import { CHAT, until, type SystemUnderTest, type TicketView } from '@fanin/trials';
import { describeWithChromium, picture, tabTo } from '../spec-support/browser.js';

/** Finds the chat's ticket by what the visitor wrote. */
export async function ticketOfChat(system: SystemUnderTest, words: string): Promise<TicketView> {
  return until(`a ticket of the chat "${words}"`, async () => {
    for (const ticket of await system.api.a.all<TicketView>('/tickets?channel=chat&limit=200')) {
      if ((await system.api.a.messages(ticket.id)).some(({ text }) => text.includes(words))) return ticket;
    }
    return undefined;
  });
}

/** Live chat by its protocol, and by a person with a keyboard. */
export function describeChat(system: () => SystemUnderTest): void {
  describe('chat', () => {
    it('makes one ticket, brings the reply live, and resumes after a break without gap or repetition', async () => {
      const { url, api } = system();
      const client = new ChatClient({ url, accountId: CHAT.a, name: 'Grace' });
      try {
        await client.ready();
        const words = `Do you ship abroad? ${randomUUID()}`;
        await client.send(words);
        const ticket = await ticketOfChat(system(), words);
        expect(ticket).toMatchObject({ channel: 'chat', account_id: CHAT.a, status: 'new' });
        await api.a.reply(ticket.id, { text: 'We do.' });
        const live = await client.event(({ direction, text }) => direction === 'outbound' && text === 'We do.');
        expect(live.author.kind).toBe('agent');
        client.cut();
        await api.a.reply(ticket.id, { text: 'Said while you were away.' });
        await client.event(({ text }) => text === 'Said while you were away.');
        await client.send('Thank you!');
        await api.a.message(ticket.id, ({ text }) => text === 'Thank you!');
        expect(client.connections).toBeGreaterThan(1);
        expect([client.gaps, client.duplicates]).toEqual([0, 0]);
        expect(client.events.map(({ text }) => text)).toEqual([
          words,
          'We do.',
          'Said while you were away.',
          'Thank you!',
        ]);
      } finally {
        await client.close();
      }
    }, 60_000);
  });

  describeWithChromium('the widget on the demo shop', (visitor) => {
    it('is used by keyboard alone; the message is a ticket, the reply appears in it', async () => {
      const { url, api } = system();
      const page = await visitor().page();
      await page.goto(`${url}/demo-shop`);
      await page.locator('.launch').waitFor();
      await tabTo(page, '.launch');
      await page.keyboard.press('Enter');
      await page.locator('.state', { hasText: 'Connected' }).waitFor();
      const words = `Is the lantern windproof? ${randomUUID().slice(0, 8)}`;
      await page.keyboard.type(words);
      await page.keyboard.press('Enter');
      await page.locator('.m.me .meta', { hasText: 'Sent' }).waitFor();
      const ticket = await ticketOfChat(system(), words);
      await api.a.reply(ticket.id, { text: 'It is, up to 60 km/h.' });
      await page.locator('.m:not(.me)', { hasText: 'up to 60 km/h' }).waitFor();
      expect(await page.locator('.m.me').count()).toBe(1);
      expect(await page.locator('.m:not(.me)', { hasText: 'up to 60 km/h' }).count()).toBe(1);
      await picture(page, `widget-${system().form}`);
      expect(visitor().faults).toEqual([]);
      await page.context().close();
    }, 60_000);
  });
}
