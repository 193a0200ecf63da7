/**
 * Bytes as Kafka's protocol writes them, into one buffer that grows. kafkajs makes a zeroed buffer for every header of every
 * record and copies each five times over; that was most of what a service spent on a send.
 */
export class ByteWriter {
  bytes: Buffer;
  at = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  /** Makes room for so many bytes more; what follows writes without asking again. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + count));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  int8(value: number): void {
    this.at = this.bytes.writeInt8(value, this.at);
  }

  int16(value: number): void {
    this.at = this.bytes.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  /** Of a safe integer. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.at = this.bytes.writeInt32BE(high, this.at);
    this.at = this.bytes.writeUInt32BE(value - high * 0x1_0000_0000, this.at);
  }

  /** ZigZag, then seven bits a byte (protocol guide, "VARINT"). Of an integer within 32 bits. */
  varint(value: number): void {
    this.at = writeVarint(this.bytes, value, this.at);
  }

  /** Within ±2^52. */
  varlong(value: number): void {
    if (value >= -0x4000_0000 && value < 0x4000_0000) return this.varint(value);
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest > 0x7f) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
  }

  /** Two bytes of length, then UTF-8. */
  text(value: string): void {
    this.reserve(2 + value.length * 3);
    const length = this.bytes.write(value, this.at + 2, 'utf8');
    this.bytes.writeInt16BE(length, this.at);
    this.at += 2 + length;
  }

  raw(value: Uint8Array): void {
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** UTF-8 behind its length as a varint; the room must be reserved. */
  varText(value: string): void {
    const start = this.at;
    const guess = sizeOfVarint(value.length);
    const length = this.bytes.write(value, start + guess, 'utf8');
    this.closeVar(start, guess, length);
  }

  /** Writes the length of what stands behind `guess` bytes kept free at `start`, moving it when the guess was wrong. */
  closeVar(start: number, guess: number, length: number): void {
    const size = sizeOfVarint(length);
    if (size !== guess) this.bytes.copyWithin(start + size, start + guess, start + guess + length);
    writeVarint(this.bytes, length, start);
    this.at = start + size + length;
  }
}

/** Bytes that a length of 0 or more takes. */
export function sizeOfVarint(length: number): number {
  if (length < 0x40) return 1;
  if (length < 0x2000) return 2;
  if (length < 0x10_0000) return 3;
  return length < 0x800_0000 ? 4 : 5;
}

function writeVarint(bytes: Buffer, value: number, at: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}
