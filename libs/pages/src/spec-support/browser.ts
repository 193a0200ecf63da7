import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * `describe` when a browser is installed; else a skip that says why, except in CI, where a missing browser is a failure.
 */
export function describeWithBrowser(name: string, body: (launch: () => Promise<Browser>) => void): void {
  const executablePath = [process.env['FANIN_CHROMIUM'], ...PATHS].find(
    (path) => path !== undefined && existsSync(path),
  );
  if (executablePath === undefined && process.env['CI'] !== 'true') {
    console.warn(
      `${name}: skipped, no Chromium at ${PATHS.join(', ')} (apt-get install chromium, or set FANIN_CHROMIUM).`,
    );
    describe.skip(name, () => {
      it('needs Chromium', () => undefined);
    });
    return;
  }
  describe(name, () => {
    body(() => {
      if (executablePath === undefined)
        throw new Error(`CI needs Chromium at one of ${PATHS.join(', ')} or FANIN_CHROMIUM`);
      return chromium.launch({ executablePath, headless: true, args: FLAGS });
    });
  });
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe-core finds on the page as it stands, one line each; empty is good. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const result = await page.evaluate<AxeResult>(
    'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
  );
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  );
}
