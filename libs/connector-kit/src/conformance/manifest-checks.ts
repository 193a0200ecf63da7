import { CHANNEL_FAMILIES } from '@fanin/contracts';
import type { ChannelInstance } from '../channel.js';
import { CAPABILITIES, type ChannelManifest } from '../manifest.js';

export function manifestProblems(manifest: ChannelManifest): readonly string[] {
  const { capabilities, limits } = manifest;
  const has = (name: (typeof CAPABILITIES)[number]): boolean => capabilities.includes(name);
  const rules: [boolean, string][] = [
    [
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(manifest.slug) && manifest.slug.length <= 40,
      'slug must be kebab-case, at most 40 characters',
    ],
    [CHANNEL_FAMILIES.includes(manifest.family), `family must be one of ${CHANNEL_FAMILIES.join(', ')}`],
    [manifest.title.trim().length >= 3, 'title must say to people what the channel is, e.g. "E-mail by SMTP"'],
    [new Set(capabilities).size === capabilities.length, 'capabilities names one twice'],
    [capabilities.every((name) => CAPABILITIES.includes(name)), `capabilities knows only ${CAPABILITIES.join(', ')}`],
    [limits.maxDeliveryBytes > 0, 'limits.maxDeliveryBytes must say how large a delivery may be'],
    [
      limits.maxReplyChars === null || limits.maxReplyChars > 0,
      'limits.maxReplyChars must be a count, or null for no limit',
    ],
    [
      has('replies') === (manifest.sending !== 'none'),
      "sending must be 'idempotent', 'once' or 'reconciled' with the capability 'replies', 'none' without",
    ],
    [!has('attachments_out') || has('replies'), "'attachments_out' needs 'replies'"],
    [!has('backfill') || manifest.capture !== 'webhook', "'backfill' needs a capture that can go back: poll or stream"],
    [!has('reconcile') || manifest.capture === 'webhook', "'reconcile' is the second door of a webhook capture"],
    [
      manifest.capture !== 'webhook' || has('reconcile') || has('connection_check') || !has('replies'),
      "name 'connection_check' (or 'reconcile'): nothing else tells whether the credentials of a webhook channel work",
    ],
    [!has('media') || has('attachments_in'), "'media' needs 'attachments_in'"],
    [!has('reply_windows') || has('replies'), "'reply_windows' needs 'replies'"],
    [!has('templates') || has('replies'), "'templates' needs 'replies'"],
    [manifest.kit === 1, 'kit must be 1'],
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => `src/manifest.ts: ${problem}`);
}

export function memberProblems(manifest: ChannelManifest, instance: ChannelInstance): readonly string[] {
  const has = (name: (typeof CAPABILITIES)[number]): boolean => manifest.capabilities.includes(name);
  const rules: [boolean, string][] = [
    [
      instance.capture.shape === manifest.capture,
      `create returns a capture of shape '${instance.capture.shape}', the manifest says '${manifest.capture}'`,
    ],
    [
      has('replies') === (instance.deliver !== undefined),
      "`deliver` must be there exactly when the manifest names 'replies'",
    ],
    [
      has('connection_check') === (instance.connection !== undefined),
      "`connection` must be there exactly when the manifest names 'connection_check'",
    ],
  ];
  const optional: readonly (readonly [(typeof CAPABILITIES)[number], unknown])[] = [
    ['reconcile', instance.reconcile],
    ['media', instance.media],
  ];
  for (const [name, member] of optional)
    rules.push([
      has(name) === (member !== undefined),
      `\`${name}\` must be there exactly when the manifest names '${name}'`,
    ]);
  rules.push([
    (manifest.sending === 'reconciled') === (instance.deliver?.reconcile !== undefined),
    "`deliver.reconcile` must be there exactly when the manifest says sending: 'reconciled'",
  ]);
  return rules.filter(([holds]) => !holds).map(([, problem]) => `src/channel.ts: ${problem}`);
}
