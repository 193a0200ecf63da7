/**
 * Names of charsets as mail really writes them, to the name that decodes them. Where a superset is what senders mean
 * (gb2312 that is gbk, iso-8859-1 that is windows-1252, shift_jis that is cp932) the superset is chosen, as the WHATWG
 * Encoding Standard does.
 */
const ALIASES: Readonly<Record<string, string>> = {
  utf8: 'utf-8',
  unicode11utf8: 'utf-8',
  utf8mb4: 'utf-8',
  unicode11utf7: 'utf-7',
  utf7: 'utf-7',
  csunicode11utf7: 'utf-7',
  utf16: 'utf-16',
  utf16le: 'utf-16le',
  utf16be: 'utf-16be',
  unicode: 'utf-16',
  ucs2: 'utf-16',
  iso10646ucs2: 'utf-16',
  utf32: 'utf-32',
  ascii: 'us-ascii',
  usascii: 'us-ascii',
  ansix341968: 'us-ascii',
  iso646us: 'us-ascii',
  '7bit': 'us-ascii',
  gb2312: 'gb18030',
  gb231280: 'gb18030',
  csgb2312: 'gb18030',
  gbk: 'gb18030',
  xgbk: 'gb18030',
  cp936: 'gb18030',
  ms936: 'gb18030',
  windows936: 'gb18030',
  euccn: 'gb18030',
  gb18030: 'gb18030',
  hzgb2312: 'hz-gb-2312',
  hz: 'hz-gb-2312',
  big5: 'big5-hkscs',
  xbig5: 'big5-hkscs',
  cnbig5: 'big5-hkscs',
  csbig5: 'big5-hkscs',
  cp950: 'big5-hkscs',
  big5hkscs: 'big5-hkscs',
  shiftjis: 'cp932',
  xsjis: 'cp932',
  sjis: 'cp932',
  mskanji: 'cp932',
  csshiftjis: 'cp932',
  windows31j: 'cp932',
  cp932: 'cp932',
  ms932: 'cp932',
  eucjp: 'euc-jp',
  xeucjp: 'euc-jp',
  ujis: 'euc-jp',
  iso2022jp: 'iso-2022-jp',
  iso2022jp1: 'iso-2022-jp',
  iso2022jp2: 'iso-2022-jp',
  iso2022jpms: 'iso-2022-jp',
  csiso2022jp: 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  jis: 'iso-2022-jp',
  iso2022kr: 'iso-2022-kr',
  csiso2022kr: 'iso-2022-kr',
  euckr: 'cp949',
  ksc5601: 'cp949',
  ksc56011987: 'cp949',
  ksc56011989: 'cp949',
  ks5601: 'cp949',
  korean: 'cp949',
  uhc: 'cp949',
  cp949: 'cp949',
  windows949: 'cp949',
  koi8r: 'koi8-r',
  koi8: 'koi8-r',
  cskoi8r: 'koi8-r',
  koi8u: 'koi8-u',
  koi8ru: 'koi8-u',
  tis620: 'windows-874',
  iso885911: 'windows-874',
  cp874: 'windows-874',
  iso88598i: 'iso-8859-8',
  iso88598e: 'iso-8859-8',
  visual: 'iso-8859-8',
  logical: 'iso-8859-8',
  hebrew: 'iso-8859-8',
  greek: 'iso-8859-7',
  cyrillic: 'iso-8859-5',
  arabic: 'iso-8859-6',
  latin1: 'windows-1252',
  iso88591: 'windows-1252',
  iso885911987: 'windows-1252',
  l1: 'windows-1252',
  ansi: 'windows-1252',
  latin2: 'iso-8859-2',
  latin3: 'iso-8859-3',
  latin4: 'iso-8859-4',
  latin5: 'windows-1254',
  iso88599: 'windows-1254',
  latin9: 'iso-8859-15',
  macintosh: 'macintosh',
  macroman: 'macintosh',
  xmacroman: 'macintosh',
  mac: 'macintosh',
  xmaccyrillic: 'maccyrillic',
};

/** Labels that say nothing; the bytes decide. */
const MEANINGLESS = new Set([
  '',
  'unknown',
  'xunknown',
  'unknown8bit',
  'default',
  'none',
  'binary',
  '8bit',
  'utf',
  'charset',
  'null',
  'undefined',
  'auto',
]);

/**
 * The charset a label means, lower-case and ready for the decoder; undefined when it means nothing. Tolerates quotes,
 * `charset=` in the value, prefixes (`x-`, `cs`), missing or odd punctuation (`cp-850`, `win1251`, `ISO_8859-15`).
 */
export function charsetFromLabel(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  const trimmed =
    label
      .slice(0, 80)
      .toLowerCase()
      .replace(/^.*charset\s*=/u, '')
      .split(/[;,]/u)[0] ?? '';
  const key = trimmed.replace(/[^a-z0-9]/gu, '');
  if (MEANINGLESS.has(key)) return undefined;
  const alias = Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined;
  if (alias !== undefined) return alias;
  return numbered(key) ?? trimmed.replace(/["'\s]/gu, '');
}

function numbered(key: string): string | undefined {
  const codePage = /^(?:x?cp|ibm|x?win(?:dows)?|ms|ansi|dos|oem|csibm|cspc)(\d{3,5})$/u.exec(key)?.[1];
  if (codePage !== undefined) {
    if (codePage === '65001') return 'utf-8';
    if (codePage === '65000') return 'utf-7';
    if (codePage === '28591') return 'windows-1252';
    return /^125\d$/u.test(codePage) ? `windows-${codePage}` : `cp${codePage}`;
  }
  const iso = /^(?:x?(?:cs)?iso|csisolatin)?8859(\d{1,2})(?:19\d\d)?$/u.exec(key)?.[1];
  return iso === undefined ? undefined : `iso-8859-${iso}`;
}
