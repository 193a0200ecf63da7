import { h } from '../view/element.js';
import { showMarkup } from './mail-markup.js';

/**
 * A mail as its sender designed it, in a frame without scripts. The frame is of our origin so that this page can build its
 * content node by node and see its height; it inherits the page's policy, which lets nothing be loaded.
 */
export function mailFrame(html: string, title: string): HTMLIFrameElement {
  const frame = h('iframe', {
    class: 'mail-frame',
    title,
    sandbox: 'allow-same-origin allow-popups allow-popups-to-escape-sandbox',
    referrerpolicy: 'no-referrer',
  });
  const build = (): void => {
    const page = frame.contentDocument;
    if (page === null) return;
    page.documentElement.lang = '';
    page.title = title;
    const { style } = page.body;
    // Mails are written for white paper; turning their colours round makes some of them unreadable.
    page.documentElement.style.colorScheme = 'light';
    style.background = '#fff';
    style.color = '#1b1d21';
    style.margin = '0';
    style.padding = '12px 14px';
    style.font = '15px/1.5 system-ui, sans-serif';
    style.overflowWrap = 'anywhere';
    page.body.replaceChildren();
    showMarkup(html, page.body);
    const fit = (): void => {
      frame.style.height = `${Math.min(Math.max(page.documentElement.scrollHeight, page.body.scrollHeight), 1600)}px`;
    };
    fit();
    new ResizeObserver(fit).observe(page.body);
  };
  frame.addEventListener('load', build, { once: true });
  return frame;
}
