const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PACKED = /^[a-z2-7]{26}$/;

/**
 * A UUID in 26 characters of base32 (RFC 4648, lower case, no padding): a signed reply address must fit the 64 octets of a
 * local part (RFC 5321 §4.5.3.1.1). Ids of another form come back unchanged.
 */
export function packId(id: string): string {
  if (!UUID.test(id)) return id;
  // 130 bits in 26 characters: the 128 of the UUID and two zeros behind them.
  let value = BigInt(`0x${id.replaceAll('-', '')}`) << 2n;
  let out = '';
  for (let i = 0; i < 26; i += 1) {
    out = ALPHABET.charAt(Number(value & 31n)) + out;
    value >>= 5n;
  }
  return out;
}

/** The id that was packed. */
export function unpackId(packed: string): string {
  if (!PACKED.test(packed)) return packed;
  let value = 0n;
  for (const char of packed) value = (value << 5n) | BigInt(ALPHABET.indexOf(char));
  const hex = (value >> 2n).toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
