/** Seven-bit charsets that shift between ASCII and two-byte characters: each becomes its eight-bit sibling, which iconv knows. */

const ESC = 0x1b;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const TILDE = 0x7e;
const LF = 0x0a;

/** ISO-2022-KR (RFC 1557) to EUC-KR: SO and SI switch, the designator `ESC $ ) C` goes. */
export function decodeIso2022Kr(bytes: Buffer): Buffer {
  const out: number[] = [];
  let shifted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === ESC && bytes[at + 1] === 0x24 && bytes[at + 2] === 0x29 && bytes[at + 3] === 0x43) at += 3;
    else if (byte === SHIFT_OUT) shifted = true;
    else if (byte === SHIFT_IN) shifted = false;
    else {
      if (byte === LF) shifted = false;
      out.push(shifted && byte > 0x20 && byte < 0x7f ? byte | 0x80 : byte);
    }
  }
  return Buffer.from(out);
}

/** HZ-GB-2312 (RFC 1843) to GBK: `~{` and `~}` switch, `~~` is a tilde, `~` before a line end joins lines. */
export function decodeHz(bytes: Buffer): Buffer {
  const out: number[] = [];
  let shifted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const next = bytes[at + 1];
    if (byte === TILDE && (next === 0x7b || next === 0x7d)) {
      shifted = next === 0x7b;
      at += 1;
    } else if (byte === TILDE && !shifted && (next === TILDE || next === LF)) {
      if (next === TILDE) out.push(TILDE);
      at += 1;
    } else {
      if (byte === LF) shifted = false;
      out.push(shifted && byte > 0x20 && byte < 0x7f ? byte | 0x80 : byte);
    }
  }
  return Buffer.from(out);
}
