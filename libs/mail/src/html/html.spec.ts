import { htmlToText } from './html-text.js';
import { sanitiseHtml } from './sanitise.js';

describe('sanitiseHtml', () => {
  const table: [html: string, safe: string][] = [
    ['<p>Hi <b>you</b></p>', '<p>Hi <b>you</b></p>'],
    ['<script>alert(1)</script><style>p{}</style><p>x</p>', '<p>x</p>'],
    ['<title>t</title><svg><script>x</script></svg><math><mi>y</mi></math>z', 'z'],
    ['<p onclick="x()" class="a" id="b">x</p>', '<p>x</p>'],
    [
      '<a href="https://x.test/?a=1&amp;b=2" onclick="x">l</a>',
      '<a href="https://x.test/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">l</a>',
    ],
    [
      '<a href="mailto:a@x.test" target="_self">l</a>',
      '<a href="mailto:a@x.test" rel="noopener noreferrer nofollow" target="_blank">l</a>',
    ],
    ['<a href="javascript:alert(1)">l</a>', '<a>l</a>'],
    ['<a href="java\nscript:alert(1)">l</a>', '<a>l</a>'],
    ['<a href="data:text/html,x">l</a><a href="/relative">m</a><a href="//y.test">n</a>', '<a>l</a><a>m</a><a>n</a>'],
    [
      '<img src="https://t.test/p.gif" width="1" onerror="x">',
      '<img width="1" data-src="https://t.test/p.gif" data-blocked="remote" />',
    ],
    ['<img src="//t.test/p.gif">', '<img data-src="https://t.test/p.gif" data-blocked="remote" />'],
    ['<img data-src="javascript:x" data-blocked="no" src="x.gif" srcset="https://t.test/a 2x">', '<img />'],
    ['<img src="cid:own@x" alt="a">', '<img alt="a" src="cid:own@x" />'],
    ['<img src="CID:own%40x">', '<img src="cid:own@x" />'],
    ['<img src="cid:foreign@x">', '<img />'],
    ['<img src="data:image/png;base64,iVBORw0=">', '<img src="data:image/png;base64,iVBORw0=" />'],
    ['<img src="data:image/svg+xml;base64,PHN2Zz4=">', '<img />'],
    ['<p style="color:red;background:url(https://t.test/x);position:fixed">x</p>', '<p style="color:red">x</p>'],
    ['<div style="background-image:url(\'https://t.test\')">x</div>', '<div>x</div>'],
    ['<td background="https://t.test/x">a</td>', '<td>a</td>'],
    ['<form action="https://t.test"><input name="a"><button>b</button></form>', 'b'],
    [
      '<iframe src="https://t.test">x</iframe><object data="x"></object><embed src="x"><link rel=stylesheet href="https://t.test"><meta http-equiv=refresh content="0;url=x"><base href="https://t.test">y',
      'y',
    ],
    ['<video src="https://t.test"></video><audio src="x"></audio>z', 'z'],
    ['<!-- c --><p>x<!--[if mso]>y<![endif]--></p>', '<p>x</p>'],
    ['<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>a', 'a'],
    ['<p>a & b < c</p>', '<p>a &amp; b &lt; c</p>'],
    ['<p>open <b>tags', '<p>open <b>tags</b></p>'],
  ];
  it.each(table)('%s', (html, safe) =>
    expect(sanitiseHtml(html, { ownContentIds: new Set(['own@x']) }).html).toBe(safe),
  );

  it('counts the remote images it took out', () => {
    expect(
      sanitiseHtml('<img src="http://a.test/1"><img src="https://a.test/2"><img src="cid:x">').blockedRemoteImages,
    ).toBe(2);
  });

  it('lets nothing executable through, however it is cut up', () => {
    const pieces = [
      '<',
      '>',
      '"',
      "'",
      '/',
      '<script>',
      '</script>',
      '<svg',
      '<img src=x onerror=y',
      '<a href="',
      'javascript:',
      '<!--',
      '-->',
      '<style>',
      '<![CDATA[',
      ']]>',
      '<math>',
      '<textarea>',
      '</textarea>',
      '&lt;',
      '\0',
      '<xmp>',
      '<noscript>',
      '<title>',
      ' ',
      'x',
      '<p style="',
      '<plaintext>',
    ];
    let seed = 7;
    const next = (limit: number): number => (seed = (seed * 48271) % 2147483647) % limit;
    for (let run = 0; run < 3000; run += 1) {
      const html = Array.from({ length: 1 + next(25) }, () => pieces[next(pieces.length)] ?? '').join('');
      const tags = sanitiseHtml(html).html.match(/<[^>]*>/gu) ?? [];
      for (const tag of tags)
        expect(tag).not.toMatch(
          /^<\/?(script|style|svg|math|iframe|xmp|noscript|textarea|plaintext|title)|\son\w+=|javascript:/iu,
        );
    }
  });

  it('stays fast on deep and long input', () => {
    const started = Date.now();
    for (const piece of [
      '<div>',
      '<b><i>',
      '<p style="color:red;',
      '<!--',
      '<a href="',
      '&#',
      '<table><tr><td>',
      '<',
      '<img src=cid:',
    ])
      sanitiseHtml(piece.repeat(Math.floor(200_000 / piece.length)));
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});

describe('htmlToText', () => {
  it('reads as a person would', () => {
    expect(
      htmlToText(
        '<h1>Order</h1><p>Where   is<br>it?</p><ul><li>one</li><li>two</li></ul><a href="https://x.test">https://x.test</a> <a href="https://y.test">here</a><img src="x">',
      ).text,
    ).toBe('Order\n\nWhere is\nit?\n\n * one\n * two\n\nhttps://x.test here <https://y.test>');
  });

  it.each([
    '<div class="gmail_quote">On Monday Bob wrote:<blockquote>old</blockquote></div>',
    '<blockquote type="cite">old</blockquote>',
    '<div id="divRplyFwdMsg">From: Bob</div>',
    '<div class="yahoo_quoted">old</div>',
    '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>Von: Bob</p></div>',
  ])('says where the marked quotation begins: %s', (quote) => {
    const { text, quoteAt } = htmlToText(`<p>new</p>${quote}`);
    expect(text.slice(0, quoteAt).trim()).toBe('new');
    expect(text.slice(quoteAt)).toMatch(/old|Bob/u);
    expect(text).not.toContain('\uF8FE');
  });

  it('stays fast on deep and long input', () => {
    const started = Date.now();
    for (const piece of [
      '<div>',
      '<blockquote>',
      '<ul><li>',
      '<table><tr><td>',
      '<a href=x>',
      '<p>x',
      '&nbsp;',
      '<b>',
      ' ',
      '\n',
    ])
      htmlToText(piece.repeat(Math.floor(200_000 / piece.length)));
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});
