import type { Child } from '../view/element.js';
import { h } from '../view/element.js';

/** `smtpPort`: of the SMTP door, as configured. */
export function nothingYet(smtpPort: string, tenantName: string): Child[] {
  const host = ['127.0.0.1', 'localhost', '[::1]'].includes(location.hostname) ? '' : ` --host ${location.hostname}`;
  const mail = `npm run send-mail --${host} --port ${smtpPort} --subject "Where is my parcel?" --text "Order 1042 has not come yet."`;
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
    h(
      'p',
      {},
      `${tenantName} is ready and listening. Send the first message in one of two ways; it appears here by itself, within seconds.`,
    ),
    h(
      'ol',
      { class: 'first-steps' },
      h(
        'li',
        {},
        h('h3', {}, 'By e-mail'),
        h('p', {}, 'Run this line in the folder of Fanin:'),
        h('pre', { tabindex: '0', 'aria-label': 'Command that sends a mail' }, h('code', {}, mail)),
        h('p', {}, copy, ' ', status),
      ),
      h(
        'li',
        {},
        h('h3', {}, 'By chat'),
        h(
          'p',
          {},
          'Open ',
          h('a', { href: '/demo-shop', target: '_blank', rel: 'noopener' }, '/demo-shop'),
          ' and write to the shop as a customer would.',
        ),
      ),
    ),
  ];
}
