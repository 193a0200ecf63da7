import { join } from 'node:path';
import { describeWithBrowser } from '@fanin/test-kit';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** One browser for a describe block, with what it complains about. */
export function describeWithChromium(name: string, body: (visitor: () => Visitor) => void): void {
  describeWithBrowser(name, (browser) => {
    let visitor: Visitor | undefined;
    body(() => (visitor ??= new Visitor(browser())));
  });
}

/** Opens pages and keeps what the browser complained about. */
export class Visitor {
  readonly faults: string[] = [];

  constructor(private readonly browser: Browser) {}

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    });
    // The test looks through the widget's closed shadow root; the page itself cannot.
    await context.addInitScript(`
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function (init) { return attach.call(this, { ...init, mode: 'open' }); };
      addEventListener('securitypolicyviolation', (event) => console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI));
    `);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(`${message.text()} (${message.location().url})`);
    });
    return page;
  }
}

/** Presses Tab until `selector` has the focus. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
  }
  throw new Error(`${selector} cannot be reached by Tab`);
}

/** What axe-core finds on the page as it stands, one line each; empty is good. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${String(target)} ${html.slice(0, 200)}`),
  );
}

export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['FANIN_PICTURES'];
  if (folder !== undefined && folder !== '')
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
