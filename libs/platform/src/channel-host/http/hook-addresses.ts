import type { ChannelInstance, ChannelManifest } from '@fanin/connector-kit';
import { HOOKS_PREFIX } from './hook-routes.js';

/** An address to be entered at the provider's side, as the API shows it. */
export interface HookView {
  readonly url: string;
  /** What to enter where. */
  readonly enter: string;
}

const DEFAULT_ENTER = 'The address to which the provider delivers (its webhook or callback URL).';

export function hookUrl(publicUrl: string, accountId: string): string {
  return `${publicUrl}${HOOKS_PREFIX}/${encodeURIComponent(accountId)}`;
}

/** Every address of an account that is called from outside; none for other captures. */
export function hooksOf(
  publicUrl: string,
  account: { readonly id: string; readonly manifest: ChannelManifest; readonly instance?: ChannelInstance | undefined },
): readonly HookView[] {
  const { id, manifest, instance } = account;
  if (manifest.capture !== 'webhook') return [];
  const base = hookUrl(publicUrl, id);
  const hooks = instance?.hooks ?? [{ path: '/', enter: DEFAULT_ENTER }];
  return hooks.map(({ path, enter }) => ({ url: `${base}${path === '/' ? '' : path}`, enter }));
}
