const SAMPLE_RATE = 8000;
const TONE_HZ = 440;

/** A real WAV file (8 kHz, 16 bit, mono) with a tone of this length. */
export function wavOf(seconds: number): Buffer {
  const samples = Math.max(1, Math.round(seconds * SAMPLE_RATE));
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(SAMPLE_RATE, 24);
  file.writeUInt32LE(SAMPLE_RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    const value = Math.round(8000 * Math.sin((2 * Math.PI * TONE_HZ * index) / SAMPLE_RATE));
    file.writeInt16LE(value, 44 + index * 2);
  }
  return file;
}

/** MPEG-1 Layer III, 32 kbit/s, 44.1 kHz, mono: frames of 104 bytes, 1152 samples each, whose zeroed rest is silence. */
const FRAME_HEADER = Buffer.from([0xff, 0xfb, 0x10, 0xc0]);
const FRAME_BYTES = 104;
const FRAMES_A_SECOND = 44_100 / 1152;

/** A real MP3 file with silence of this length. */
export function mp3Of(seconds: number): Buffer {
  const frames = Math.max(1, Math.round(seconds * FRAMES_A_SECOND));
  const file = Buffer.alloc(frames * FRAME_BYTES);
  for (let frame = 0; frame < frames; frame += 1) FRAME_HEADER.copy(file, frame * FRAME_BYTES);
  return file;
}
