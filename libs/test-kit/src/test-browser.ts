import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Nothing of its own goes over the network. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Debian's Chromium or one that FANIN_CHROMIUM names. */
function chromiumPath(): string | undefined {
  return [process.env['FANIN_CHROMIUM'], ...PATHS].find((path) => path !== undefined && existsSync(path));
}

/**
 * A describe block with one real browser. Skipped, with a line that says so, where no Chromium is installed; in CI
 * (CI=true) that is a failure.
 */
export function describeWithBrowser(name: string, body: (browser: () => Browser) => void): void {
  const executablePath = chromiumPath();
  const missing = 'no Chromium (apt-get install chromium, or set FANIN_CHROMIUM)';
  if (executablePath === undefined && process.env['CI'] !== 'true') {
    process.stderr.write(`skipped, ${missing}: ${name}\n`);
    describe.skip(name, () =>
      body(() => {
        throw new Error(missing);
      }),
    );
    return;
  }
  describe(name, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      if (executablePath === undefined) throw new Error(missing);
      // Loaded here: most users of the test kit have no need of a browser.
      const { chromium } = await import('playwright-core');
      browser = await chromium.launch({ executablePath, args: FLAGS });
    }, 60_000);
    afterAll(() => browser?.close());
    body(() => {
      if (browser === undefined) throw new Error('the browser is not open yet');
      return browser;
    });
  });
}
