import twilio from 'twilio';
import type { Prompts } from './prompts.js';
import type { Step } from './voice-flow.js';

type Voice = InstanceType<typeof twilio.twiml.VoiceResponse>;
type SayAttributes = Exclude<Parameters<Voice['say']>[0], string>;

/** Writes the document by Twilio's own builder, which escapes what is said. */
export function voiceTwiml(steps: readonly Step[], prompts: Prompts, callbackKey: string): string {
  const response = new twilio.twiml.VoiceResponse();
  const say: SayAttributes = {
    language: prompts.language as NonNullable<SayAttributes['language']>,
    ...(prompts.voice === undefined ? {} : { voice: prompts.voice as NonNullable<SayAttributes['voice']> }),
  };
  for (const step of steps) add(response, step, say, callbackKey);
  return response.toString();
}

function add(response: Voice, step: Step, say: SayAttributes, callbackKey: string): void {
  switch (step.verb) {
    case 'say':
      response.say(say, step.text);
      return;
    case 'dial': {
      const dial = response.dial({ timeout: step.timeout, action: step.action, method: 'POST' });
      for (const target of step.targets) {
        if (target.startsWith('sip:')) dial.sip(target);
        else if (target.startsWith('client:')) dial.client(target.slice('client:'.length));
        else dial.number(target);
      }
      return;
    }
    case 'gather': {
      const gather = response.gather({
        input: ['dtmf'],
        numDigits: 1,
        timeout: step.timeout,
        action: step.action,
        method: 'POST',
        ...(callbackKey === '#' ? { finishOnKey: '' } : {}),
      });
      gather.say(say, step.text);
      return;
    }
    case 'record':
      response.record({
        action: step.action,
        method: 'POST',
        maxLength: step.maxLength,
        finishOnKey: '#',
        playBeep: true,
        recordingStatusCallback: step.done,
        recordingStatusCallbackMethod: 'POST',
        recordingStatusCallbackEvent: ['completed', 'absent'],
        ...(step.transcribed === undefined ? {} : { transcribe: true, transcribeCallback: step.transcribed }),
      });
      return;
    case 'hangup':
      response.hangup();
      return;
    case 'reject':
      response.reject({ reason: 'rejected' });
  }
}

/** Nothing is said in answer to a message: acknowledgements are the ticket core's business. */
export const EMPTY_TWIML = new twilio.twiml.MessagingResponse().toString();
