import { textReply } from '@fanin/simulators/core';
import type { SimulatorReply } from '@fanin/simulators/core';
import { linkTo, MEDIA_HOST } from './parts.js';
import type { TwilioParts } from './parts.js';

/** A file behind a short-lived link of the vendor's file host. */
interface LinkedFile {
  bytes: Buffer;
  contentType: string;
  expiresMs: number;
}

/** An expired link is known as such for a while. */
const FORGET_MS = 60_000;

/** Files are not served where they are asked for: the API redirects to a link on another host that expires. */
export class FileHost {
  private readonly links = new Map<string, LinkedFile>();

  constructor(private readonly parts: TwilioParts) {}

  redirect(status: 302 | 307, bytes: Buffer, contentType: string): SimulatorReply {
    const { settings, random, clock } = this.parts;
    for (const [old, file] of this.links) if (clock.now() > file.expiresMs + FORGET_MS) this.links.delete(old);
    const key = random.hex(40);
    const expiresMs = clock.now() + settings.media_link_ttl_ms;
    this.links.set(key, { bytes, contentType, expiresMs });
    const path = `/files/${key}?Expires=${Math.floor(expiresMs / 1000)}`;
    const location =
      settings.media_redirect_to === undefined
        ? linkTo(this.parts, MEDIA_HOST, path)
        : settings.media_redirect_to + path;
    return { status, headers: { location } };
  }

  /** The link itself needs no credentials. */
  fetch(key: string): SimulatorReply {
    const file = this.links.get(key);
    if (file === undefined) return textReply(404, 'Not Found');
    if (this.parts.clock.now() > file.expiresMs) return textReply(403, 'Request has expired');
    return { status: 200, headers: { 'content-type': file.contentType }, body: file.bytes };
  }

  clear(): void {
    this.links.clear();
  }
}
