import type { Child } from '../view/element.js';
import { h } from '../view/element.js';

/** `smtp`: host:port of the SMTP door, as configured. */
export function nothingYet(smtp: string, tenantName: string): Child[] {
  const mail = `printf 'From: ada@example.com\\nTo: support@localhost\\nSubject: Where is my parcel?\\n\\nOrder 1042 has not come yet.\\n' | curl smtp://${smtp} --mail-from ada@example.com --mail-rcpt support@localhost --upload-file -`;
  const status = h('span', { class: 'quiet', role: 'status' });
  const copy = h('button', { type: 'button', class: 'button' }, 'Copy');
  copy.addEventListener('click', () => {
    void navigator.clipboard.writeText(mail).then(
      () => (status.textContent = 'Copied.'),
      () => (status.textContent = 'Select the line and copy it.'),
    );
  });
  return [
    h('h2', {}, 'Nothing has arrived yet'),
    h('p', {}, `${tenantName} is ready and listening. Send the first message in one of two ways; it appears here by itself, within seconds.`),
    h(
      'ol',
      { class: 'first-steps' },
      h('li', {}, h('h3', {}, 'By e-mail'), h('p', {}, 'Paste this line into a terminal:'), h('pre', { tabindex: '0', 'aria-label': 'Command that sends a mail' }, h('code', {}, mail)), h('p', {}, copy, ' ', status)),
      h('li', {}, h('h3', {}, 'By chat'), h('p', {}, 'Open ', h('a', { href: '/demo-shop', target: '_blank', rel: 'noopener' }, '/demo-shop'), ' and write to the shop as a customer would.')),
    ),
  ];
}
