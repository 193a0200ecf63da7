import type { Channel, ChannelManifest } from '@fanin/connector-kit';

/** A channel as the generated list names it: the manifest at once, the rest only when an account needs it. */
export interface ChannelEntry {
  readonly manifest: ChannelManifest;
  readonly load: () => Promise<Channel>;
}
