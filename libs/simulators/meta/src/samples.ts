/** Small files that are what they say, for a customer who sends "an image" without naming one. */
export interface SampleFile {
  bytes: Buffer;
  mime: string;
  filename: string;
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WEBP = 'UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==';
const PDF =
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

export function sampleOf(type: string): SampleFile {
  switch (type) {
    case 'image':
    case 'story_mention':
    case 'share':
      return { bytes: Buffer.from(PNG, 'base64'), mime: 'image/png', filename: 'photo.png' };
    case 'sticker':
      return { bytes: Buffer.from(WEBP, 'base64'), mime: 'image/webp', filename: 'sticker.webp' };
    case 'audio':
      return { bytes: ogg(), mime: 'audio/ogg; codecs=opus', filename: 'voice.ogg' };
    case 'video':
    case 'ig_reel':
      return { bytes: mp4(), mime: 'video/mp4', filename: 'clip.mp4' };
    default:
      return { bytes: Buffer.from(PDF), mime: 'application/pdf', filename: 'order.pdf' };
  }
}

/** One Ogg page with an Opus header (RFC 7845). */
function ogg(): Buffer {
  const head = Buffer.from('OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
  const page = Buffer.alloc(27);
  page.write('OggS', 0, 'latin1');
  page[5] = 2;
  page[26] = 1;
  return Buffer.concat([page, Buffer.from([head.length]), head]);
}

/** An ISO base media file with its type box only. */
function mp4(): Buffer {
  const box = Buffer.alloc(24);
  box.writeUInt32BE(24, 0);
  box.write('ftypisom', 4, 'latin1');
  box.writeUInt32BE(512, 12);
  box.write('isommp41', 16, 'latin1');
  return box;
}
