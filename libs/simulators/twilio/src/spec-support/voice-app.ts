import twilio from 'twilio';
import type { Answer, Received } from './receiver.js';
import { setUp } from './setup.js';
import type { Setup } from './setup.js';

const { VoiceResponse } = twilio.twiml;

/** A voice application: for each path the document it answers, made with the SDK's builder. */
export type VoiceApp = Record<string, (request: Received, response: InstanceType<typeof VoiceResponse>) => void>;

export function startVoiceApp(app: VoiceApp): Promise<Setup> {
  return setUp((request): Answer | undefined => {
    const build = app[request.path];
    if (build === undefined) return undefined;
    const response = new VoiceResponse();
    build(request, response);
    return { body: response.toString() };
  });
}
