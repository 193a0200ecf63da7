import { createHash } from 'node:crypto';
import { bearerTokenOf, textReply } from '@fanin/simulators/core';
import type { SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import type { Account, Blob } from './model.js';
import type { MetaSettings } from './options.js';
import type { Registry } from './registry.js';
import { sameText } from './signature.js';
import type { World } from './world.js';

/** Links to files: signed, and dead after their time by the simulator's clock. */
export class Links {
  /** Known once the server listens. */
  base = '';

  constructor(
    private readonly world: World,
    private readonly registry: Registry,
    private readonly settings: MetaSettings,
  ) {}

  /** An attachment or a picture: whoever has the link may fetch it until it expires. */
  cdn(blob: Blob): string {
    const expires = Math.floor((this.world.now() + this.settings.cdnTtlMs) / 1000).toString(16);
    const name = encodeURIComponent(blob.filename ?? 'file');
    return `${this.base}/cdn/v/${blob.id}/${name}?oe=${expires}&oh=${signed(`${blob.id} ${expires}`)}`;
  }

  /** WhatsApp media: the link needs the bearer as well. */
  media(blob: Blob): string {
    const expires = `${Math.floor((this.world.now() + this.settings.mediaUrlTtlMs) / 1000)}`;
    return `${this.base}/whatsapp_business/attachments/?mid=${blob.id}&ext=${expires}&hash=${signed(`${blob.id} ${expires}`)}`;
  }

  profilePicture(account: Account, personId: string): string {
    const id = `${account.id.slice(-8)}${personId.slice(-8)}`;
    const known = this.world.blobs.get(id);
    if (known !== undefined) return this.cdn(known);
    const picture: Blob = { ...pictureFile(), id, accountId: account.id, expiresAt: Number.MAX_SAFE_INTEGER };
    this.world.blobs.set(id, picture);
    return this.cdn(picture);
  }

  serveCdn(request: SimulatorRequest): SimulatorReply {
    const [id = ''] = (request.params['rest'] ?? '').split('/');
    const expires = request.query.get('oe') ?? '';
    if (!sameText(request.query.get('oh') ?? '', signed(`${id} ${expires}`)))
      return textReply(403, 'URL signature mismatch');
    if (Number.parseInt(expires, 16) * 1000 <= this.world.now()) return textReply(403, 'URL signature expired');
    return fileReply(this.world.blobs.get(id));
  }

  serveMedia(request: SimulatorRequest): SimulatorReply {
    const id = request.query.get('mid') ?? '';
    const expires = request.query.get('ext') ?? '';
    const token = this.registry.tokens.get(bearerTokenOf(request) ?? '');
    const blob = this.world.blobs.get(id);
    if (token?.state !== 'valid') return textReply(401, '');
    if (!sameText(request.query.get('hash') ?? '', signed(`${id} ${expires}`))) return textReply(404, '');
    if (Number(expires) * 1000 <= this.world.now()) return textReply(404, '');
    if (blob === undefined || !token.accountIds.has(blob.accountId)) return textReply(404, '');
    return fileReply(blob);
  }
}

/** Nobody attacks the simulator: the hash only makes a changed link fail as it does at Meta. */
function signed(text: string): string {
  return `00_Af${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`;
}

function fileReply(blob: Blob | undefined): SimulatorReply {
  if (blob === undefined) return textReply(404, 'Not found');
  return { status: 200, headers: { 'content-type': blob.mime }, body: blob.bytes };
}

function pictureFile() {
  const gif = 'R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==';
  return { bytes: Buffer.from(gif, 'base64'), mime: 'image/gif', filename: 'profile.gif' };
}
