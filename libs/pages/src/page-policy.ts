/**
 * Pages load nothing from elsewhere, run no inline script and take no inline style. Trusted Types make the browser itself
 * refuse markup made of text: only the policy of the mail frame may parse HTML, and it does so into an inert document.
 */
export const APP_PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types fanin-mail',
].join('; ');

/** Set here too, so that the pages are safe behind any server, not only behind the platform's hooks. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': APP_PAGE_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'private, no-cache',
};
