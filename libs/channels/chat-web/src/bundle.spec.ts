import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from '../browser.mjs';

const LIMIT_BYTES = 30 * 1024;

describe('the widget as visitors load it', () => {
  let outdir = '';
  beforeAll(async () => {
    outdir = mkdtempSync(join(tmpdir(), 'fanin-widget-'));
    await bundle({ outdir });
  });
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  it('is smaller than 30 KiB gzipped', () => {
    const bytes = gzipSync(readFileSync(join(outdir, 'widget.js')), { level: 9 }).length;
    console.log(`widget.js: ${bytes} bytes gzipped, limit ${LIMIT_BYTES}`);
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThan(LIMIT_BYTES);
  });

  it('makes no markup and no code out of texts', () => {
    const code = readFileSync(join(outdir, 'widget.js'), 'utf8');
    for (const banned of [
      'innerHTML',
      'outerHTML',
      'insertAdjacentHTML',
      'document.write',
      'eval(',
      'new Function',
      'DOMParser',
    ]) {
      expect(code).not.toContain(banned);
    }
  });

  it('is not bundled again while nothing has changed', async () => {
    const before = readFileSync(join(outdir, 'widget.js'));
    rmSync(join(outdir, 'demo-shop.js'));
    await bundle({ outdir });
    expect(readFileSync(join(outdir, 'widget.js'))).toEqual(before);
    expect(readFileSync(join(outdir, 'demo-shop.js')).length).toBeGreaterThan(0);
  });
});
