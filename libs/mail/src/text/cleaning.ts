/** What every string that leaves this library has been through: no NUL, no lone surrogate, no line break where a line is meant. */

/** Explicit directional formatting (Unicode TR9): it can make `gpj.exe` read as `exe.jpg`. */
const BIDI = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const CONTROL_EXCEPT_TAB_AND_LF = /(?![\t\n])\p{Cc}/gu;
const CONTROL_OR_LINE_BREAK = /[\p{Cc}\u2028\u2029]+/gu;
const LONE_SURROGATE = /\p{Cs}/gu;
const RESERVED_IN_FILE_NAMES = /[<>:"|?*]/gu;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu;
const MAX_FILE_NAME = 150;

/** Cuts without leaving half of a surrogate pair. */
export function cut(value: string, maxLength: number): string {
  if (value.length <= maxLength) return value;
  const end = value.charCodeAt(maxLength - 1);
  return value.slice(0, end >= 0xd800 && end <= 0xdbff ? maxLength - 1 : maxLength);
}

/** Text of several lines: LF only, no control characters (PostgreSQL's text cannot hold U+0000), well-formed UTF-16. */
export function cleanText(value: string, maxLength = Number.MAX_SAFE_INTEGER): string {
  return cut(
    value
      .replace(/\r\n?/gu, '\n')
      .replace(CONTROL_EXCEPT_TAB_AND_LF, '')
      .replace(LONE_SURROGATE, '\uFFFD')
      .replace(/^\uFEFF/u, ''),
    maxLength,
  );
}

/** One line: a subject, a display name, a header. Line breaks and controls become one space, bidi controls go. */
export function cleanLine(value: string, maxLength = 998): string {
  const line = cut(value, maxLength * 4)
    .replace(CONTROL_OR_LINE_BREAK, ' ')
    .replace(BIDI, '')
    .replace(LONE_SURROGATE, '\uFFFD');
  return cut(collapseSpaces(line).trim(), maxLength);
}

function collapseSpaces(value: string): string {
  return value.replace(/ {2,}/gu, ' ');
}

/**
 * A file name that is safe to show and to store: the last path segment of either system, without controls, bidi or other
 * invisible characters, reserved characters, leading dots; at most 150 characters with the extension kept.
 */
export function cleanFileName(value: string, fallback: string): string {
  const segments = cut(value, 4096).split(/[\\/]/u);
  const last = segments.filter((segment) => segment.trim() !== '').at(-1) ?? '';
  let name = last
    .replace(INVISIBLE, '')
    .replace(LONE_SURROGATE, '\uFFFD')
    .replace(RESERVED_IN_FILE_NAMES, '_')
    .replace(/\s+/gu, ' ')
    .trim();
  while (name.startsWith('.')) name = name.slice(1);
  while (name.endsWith('.') || name.endsWith(' ')) name = name.slice(0, -1);
  if (name === '') return fallback;
  if (WINDOWS_DEVICE.test(name)) name = `_${name}`;
  return shorten(name);
}

function shorten(name: string): string {
  if (name.length <= MAX_FILE_NAME) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : '';
  return cut(name, MAX_FILE_NAME - extension.length) + extension;
}
