import type { ChannelHost } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import type { SigningSecrets } from '../threading/signature.js';

/** The installation's secrets as e-mail needs them; CONFIG when there is none. */
export function mailSecretsOf(host: Pick<ChannelHost, 'signingSecrets'>): SigningSecrets {
  const [first, ...rest] = host.signingSecrets;
  if (first === undefined)
    throw new FaninError(
      'CONFIG',
      'auth.signing_secrets: e-mail needs at least one, to sign reply addresses. Make one with: openssl rand -hex 32',
    );
  return [first, ...rest];
}
