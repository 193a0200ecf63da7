/** Media types that a browser may be told; anything else could be run as a page and is announced as bytes. */
const HARMLESS =
  /^(message\/rfc822|text\/plain|application\/(json|pdf|zip|octet-stream|x-www-form-urlencoded)|image\/(png|jpeg|gif|webp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

/** Headers for bytes that a stranger made: saved, never shown, never sniffed. */
export function downloadHeaders(name: string, contentType: string): Record<string, string> {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const cleaned = name.replace(/[\p{Cc}\p{Cf}/\\]/gu, '_').slice(0, 200) || 'file';
  const ascii = cleaned.replace(/[^\x20-\x7e]|["%;]/g, '_');
  const encoded = encodeURIComponent(Buffer.from(cleaned).toString()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    'content-type': HARMLESS.test(type) ? type : 'application/octet-stream',
    // RFC 6266 §4.3, appendix D: both forms, the plain one for old readers.
    'content-disposition': `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, no-store',
  };
}
