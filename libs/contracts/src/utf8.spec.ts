import { createUtf8Writer, textOfUtf8 } from './utf8.js';

describe('UTF-8', () => {
  const write = createUtf8Writer();

  it.each([
    ['nothing', ''],
    ['ASCII', 'order 1001'],
    ['Latin-1', 'Grüße'],
    ['two-byte text', '“Grüße” — 注文'],
    ['astral text', 'thanks 👍🏽'],
    ['text larger than the scratch buffer', 'é'.repeat(70_000)],
    ['text that just fits it', '注'.repeat(21_845)],
  ])('writes and reads %s as Buffer does', (_, text) => {
    const bytes = write(text);
    expect(bytes.equals(Buffer.from(text, 'utf8'))).toBe(true);
    expect(textOfUtf8(bytes)).toBe(text);
  });

  it('never shares the bytes of two texts', () => {
    const first = write('first');
    write('other');
    expect(first.toString()).toBe('first');
  });
});
