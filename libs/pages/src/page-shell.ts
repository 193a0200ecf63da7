import type { PageAssets } from './page-assets.js';

export interface Shell {
  /** Name of the entry in the bundle, e.g. `dashboard`. */
  readonly entry: 'dashboard' | 'ticket';
  readonly title: string;
  /** Read by the script of the page as `data-…` of the body. */
  readonly data: Readonly<Record<string, string>>;
}

/** The page without its content: everything a person sees is drawn by the script from the API. */
export function pageShell(shell: Shell, assets: PageAssets): string | undefined {
  const script = assets.nameOf(`${shell.entry}.js`);
  const style = assets.nameOf(`${shell.entry}.css`);
  const icon = assets.nameOf('icon.svg');
  if (script === undefined || style === undefined || icon === undefined) return undefined;
  const data = Object.entries(shell.data)
    .map(([name, value]) => ` data-${name}="${escapeAttribute(value)}"`)
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeAttribute(shell.title)}</title>
<link rel="icon" type="image/svg+xml" href="/assets/${icon}">
<link rel="stylesheet" href="/assets/${style}">
<script type="module" src="/assets/${script}"></script>
</head>
<body${data}>
<noscript><p>Fanin’s pages need JavaScript. Everything they show is also in the API: see <a href="/docs">/docs</a>.</p></noscript>
</body>
</html>
`;
}

/** When the bundle was not made. */
export const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Not built – Fanin</title></head>
<body><h1>The pages have not been built</h1><p>Run <code>npm run build</code> and start Fanin again.</p></body></html>
`;

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
