import { htmlToText } from '../html/html-text.js';
import { splitQuoted } from './split-quoted.js';

const words = (text: string): string[] => text.split(/\s+/u).filter((word) => word !== '');

/** Nothing is lost: both pieces together have every word of the original. */
function expectCovered(original: string): void {
  const split = splitQuoted(original);
  expect(words(`${split.text}\n${split.quotedText}`).sort()).toEqual(words(original).sort());
}

const ATTRIBUTIONS: readonly [language: string, line: string][] = [
  ['en', 'On Sat, 21 Nov 2026 at 10:00, Shop <support@shop.test> wrote:'],
  ['en, broken', 'On Sat, 21 Nov 2026 at 10:00, Shop Support Team\n<support@shop.test> wrote:'],
  ['en, Apple', 'On 21. Nov 2026, at 10:00, Shop <support@shop.test> wrote:'],
  ['de', 'Am Sa., 21. Nov. 2026 um 10:00 Uhr schrieb Shop <support@shop.test>:'],
  ['de, Apple', 'Am 21.11.2026 um 10:00 schrieb Shop <support@shop.test>:'],
  ['de, Thunderbird', 'Am 21.11.26 um 10:00 schrieb Shop:'],
  ['fr', 'Le sam. 21 nov. 2026 à 10:00, Shop <support@shop.test> a écrit :'],
  ['es', 'El sáb, 21 nov 2026 a las 10:00, Shop (<support@shop.test>) escribió:'],
  ['it', 'Il giorno sab 21 nov 2026 alle ore 10:00 Shop <support@shop.test> ha scritto:'],
  ['pt', 'Em sáb., 21 de nov. de 2026 às 10:00, Shop <support@shop.test> escreveu:'],
  ['nl', 'Op za 21 nov 2026 om 10:00 schreef Shop <support@shop.test>:'],
  ['pl', 'sob., 21 lis 2026 o 10:00 Shop <support@shop.test> napisał(a):'],
  ['pl, Thunderbird', 'W dniu 21.11.2026 o 10:00, Shop pisze:'],
  ['sv', 'Den lör 21 nov. 2026 kl 10:00 skrev Shop <support@shop.test>:'],
  ['da', 'Den lør. 21. nov. 2026 kl. 10.00 skrev Shop <support@shop.test>:'],
  ['fi', 'la 21. marrask. 2026 klo 10.00 Shop <support@shop.test> kirjoitti:'],
  ['cs', 'so 21. 11. 2026 v 10:00 odesílatel Shop <support@shop.test> napsal:'],
  ['ru', 'сб, 21 нояб. 2026 г. в 10:00, Shop <support@shop.test>:'],
  ['ru, mail.ru', '21 ноября 2026, 10:00 Shop <support@shop.test> пишет:'],
  ['tr', 'Shop <support@shop.test>, 21 Kas 2026 Cmt, 10:00 tarihinde şunu yazdı:'],
  ['zh', '在 2026年11月21日 10:00,Shop <support@shop.test> 写道:'],
  ['zh, wide colon', '在 2026年11月21日 10:00,Shop <support@shop.test> 写道\uFF1A'],
  ['hu', '2026. nov. 21. 10:00 Shop <support@shop.test> írta:'],
  ['ja', '2026年11月21日(土) 10:00 Shop <support@shop.test>のメッセージ:'],
  ['ko', '2026년 11월 21일 (토) 오전 10:00, Shop <support@shop.test>님이 작성:'],
];

const HEADS: readonly [language: string, head: string][] = [
  ['en', 'From: Shop <support@shop.test>\nSent: Saturday, November 21, 2026 10:00\nTo: Ann\nSubject: Order'],
  ['en, no address', 'From: Shop Support\nSent: Saturday, November 21, 2026 10:00\nTo: Ann\nSubject: Order'],
  ['en, bold', '*From:* Shop <support@shop.test>\n*Sent:* Saturday\n*To:* Ann\n*Subject:* Order'],
  ['de', 'Von: Shop <support@shop.test>\nGesendet: Samstag, 21. November 2026 10:00\nAn: Ann\nBetreff: Order'],
  ['fr', 'De : Shop <support@shop.test>\nEnvoyé : samedi 21 novembre 2026 10:00\nÀ : Ann\nObjet : Order'],
  ['es', 'De: Shop <support@shop.test>\nEnviado el: sábado\nPara: Ann\nAsunto: Order'],
  ['it', 'Da: Shop <support@shop.test>\nInviato: sabato\nA: Ann\nOggetto: Order'],
  ['nl', 'Van: Shop <support@shop.test>\nVerzonden: zaterdag\nAan: Ann\nOnderwerp: Order'],
  ['sv', 'Från: Shop <support@shop.test>\nSkickat: lördag\nTill: Ann\nÄmne: Order'],
  ['pl', 'Od: Shop <support@shop.test>\nWysłano: sobota\nDo: Ann\nTemat: Order'],
  ['ru', 'От: Shop <support@shop.test>\nОтправлено: суббота\nКому: Ann\nТема: Order'],
  ['zh', '发件人: Shop <support@shop.test>\n发送时间: 2026年11月21日\n收件人: Ann\n主题: Order'],
  ['separator', '-----Original Message-----\nanything'],
  ['separator, de', '-----Ursprüngliche Nachricht-----\nanything'],
  ['separator, fr', "-----Message d'origine-----\nanything"],
  [
    'Outlook line',
    '________________________________\nFrom: Shop <support@shop.test>\nSent: Saturday\nTo: Ann\nSubject: x',
  ],
  ['forwarded', '---------- Forwarded message ---------\nFrom: Shop <support@shop.test>'],
];

describe('splitQuoted', () => {
  it.each(ATTRIBUTIONS)('attribution and quoted lines: %s', (_language, line) => {
    const original = `Still nothing came.\n\n${line}\n\n> Your order is\n> on its way.\n`;
    expect(splitQuoted(original)).toEqual({
      text: 'Still nothing came.',
      quotedText: `${line}\n\n> Your order is\n> on its way.`,
    });
  });

  it.each(ATTRIBUTIONS)('attribution and unmarked lines: %s', (_language, line) => {
    const original = `Still nothing came.\n\n${line}\nYour order is on its way.\n`;
    expect(splitQuoted(original)).toEqual({
      text: 'Still nothing came.',
      quotedText: `${line}\nYour order is on its way.`,
    });
  });

  it.each(HEADS)('head of a quoted message: %s', (_language, head) => {
    const original = `Still nothing came.\nAnn\n\n${head}\n\nYour order is on its way.\n`;
    expect(splitQuoted(original)).toEqual({
      text: 'Still nothing came.\nAnn',
      quotedText: `${head}\n\nYour order is on its way.`,
    });
  });

  it('takes the answer below a quotation', () => {
    expect(splitQuoted('On 21 Nov 2026 at 10:00, Shop wrote:\n> Which colour?\n\nRed.\n\nAnn')).toEqual({
      text: 'Red.\n\nAnn',
      quotedText: 'On 21 Nov 2026 at 10:00, Shop wrote:\n> Which colour?',
    });
  });

  it('keeps quotations between answers, since the answers need them', () => {
    const original = '> Which colour?\nRed.\n> Which size?\nXL.\n\n> Regards,\n> Shop';
    expect(splitQuoted(original)).toEqual({
      text: '> Which colour?\nRed.\n> Which size?\nXL.',
      quotedText: '> Regards,\n> Shop',
    });
  });

  it('keeps a signature in the text, and one behind the quotation with it', () => {
    expect(splitQuoted('Hello\n\n-- \nAnn\n\n> old').text).toBe('Hello\n\n-- \nAnn');
    expect(splitQuoted('Hello\n\n> old\n\n-- \nAnn')).toEqual({ text: 'Hello', quotedText: '> old\n\n-- \nAnn' });
    expect(splitQuoted('Hello\n\n> old\n\nSent from my phone').text).toBe('Hello');
  });

  it.each([
    ['no quotation', 'Hello,\nwhere is it?\n\nAnn'],
    ['only a forwarded message', '---------- Forwarded message ---------\nFrom: A <a@x.test>\n\ntext'],
    ['only quoted lines', '> a\n> b'],
    ['a route that looks like a head', 'My trip:\nFrom: Berlin\nTo: Munich\nDate: 3 May\nPlease change it.'],
    ['a sentence that looks like an attribution', 'On 3 May he wrote:\nI never got it'],
    ['a colon at the end', 'These are missing:\n2 cups at 10 each'],
    ['a greater-than sign inside', 'It says 5 > 3 but\nthat is wrong'],
  ])('finds nothing to take away: %s', (_name, original) => {
    expect(splitQuoted(original)).toEqual({ text: original, quotedText: '' });
  });

  it('splits HTML mail at the mark of its program, in any language', () => {
    const { text, quoteAt } = htmlToText(
      '<div>Danke!</div><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Dydd Sadwrn ysgrifennodd Shop:</div><blockquote>old</blockquote></div>',
    );
    expect(splitQuoted(text, quoteAt === undefined ? {} : { quoteAt })).toEqual({
      text: 'Danke!',
      quotedText: 'Dydd Sadwrn ysgrifennodd Shop:\n\n> old',
    });
  });

  it('loses no word, whatever the lines are', () => {
    const pieces = [
      ...ATTRIBUTIONS.map(([, line]) => line),
      ...HEADS.map(([, head]) => head),
      '> q',
      '>> deep',
      '',
      'answer',
      '-- ',
      'Ann',
      '   ',
      'Hello there:',
      '____________',
    ];
    let seed = 11;
    const next = (limit: number): number => (seed = (seed * 48271) % 2147483647) % limit;
    for (let run = 0; run < 2000; run += 1)
      expectCovered(Array.from({ length: 1 + next(14) }, () => pieces[next(pieces.length)] ?? '').join('\n'));
  });

  it('stays fast on hostile text', () => {
    const started = Date.now();
    for (const piece of [
      '>',
      '> ',
      'On ',
      'On 1 wrote:\n',
      'Op schreef <a@b>\n',
      'From: a@b\n',
      '\n',
      ' \n',
      '____________\n',
      'Den 1 skrev a@b:\n',
      '-',
      'schrieb ',
      'Am 1 @ schrieb schrieb:\n',
      '\t',
      'A: ',
    ])
      splitQuoted(piece.repeat(Math.floor(1_000_000 / piece.length)));
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});
