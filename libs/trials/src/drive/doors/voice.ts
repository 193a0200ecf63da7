import { refused, type Answer, type Door, type DrivenMessage } from '../door.js';
import { digitsOf, hexOf, TEXT_BYTES } from './hook-door.js';
import { HttpCalls } from './http-post.js';
import { twilioForm, type TwilioHookSpec } from './twilio-form.js';

export interface VoiceDoorSpec extends TwilioHookSpec {
  readonly kind: 'voice';
  /** Of the simulated Twilio, which is to have the sound that a callback tells of. */
  readonly apiUrl: string;
}

const SECONDS = 7;

/**
 * A conversation is a call (twilio.com/docs/voice/twiml): its first message is that it comes in, the ones after it are
 * voicemails, told by two callbacks. A call has no words, so that its SID is all there is to find it by; the words of a
 * voicemail are its transcript. It is acknowledged when both its callbacks are.
 */
export class VoiceDoor implements Door {
  readonly name = 'voice';
  readonly account: string;
  readonly textBytes = TEXT_BYTES;
  private readonly calls = new HttpCalls();

  constructor(private readonly spec: VoiceDoorSpec) {
    this.account = spec.account;
  }

  idOf(run: string, sequence: number): string {
    return `CA${hexOf(`${run} ${sequence}`, 32)}`;
  }

  send(message: DrivenMessage): Promise<Answer> {
    const { first: call } = message;
    if (call === undefined) return this.tell('/voice', message, { CallSid: message.id, CallStatus: 'ringing' });
    return this.voicemail(call, message);
  }

  close(): Promise<void> {
    this.calls.close();
    return Promise.resolve();
  }

  private async voicemail(call: string, message: DrivenMessage): Promise<Answer> {
    const recording = `RE${message.id.slice(2)}`;
    const kept = await this.keepAtTwilio(call, recording);
    if (kept.kind !== 'acknowledged') return refused(`Twilio: ${kept.how}`);
    const told = { CallSid: call, RecordingSid: recording, RecordingUrl: this.addressOf(recording) };
    const recorded = await this.tell(`/voice/recording?${this.whose(message)}`, message, {
      ...told,
      RecordingStatus: 'completed',
      RecordingDuration: String(SECONDS),
      RecordingSource: 'RecordVerb',
      RecordingStartTime: new Date().toUTCString(),
    });
    if (recorded.kind !== 'acknowledged') return recorded;
    return this.tell(`/voice/transcription?${this.whose(message)}`, message, {
      ...told,
      TranscriptionSid: `TR${message.id.slice(2)}`,
      TranscriptionStatus: 'completed',
      TranscriptionText: message.text,
    });
  }

  private keepAtTwilio(call: string, recording: string): Promise<Answer> {
    return this.calls.answerTo({
      method: 'POST',
      url: `${this.spec.apiUrl}/_control/recording`,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ recording_sid: recording, call_sid: call, seconds: SECONDS })),
    });
  }

  private tell(path: string, message: DrivenMessage, params: Readonly<Record<string, string>>): Promise<Answer> {
    const { url, publicUrl = url, accountSid, authToken, number } = this.spec;
    const ends = { From: callerOf(message), To: number, Direction: 'inbound', AccountSid: accountSid };
    const { headers, body } = twilioForm(authToken, `${publicUrl}${path}`, { ...ends, ...params });
    return this.calls.answerTo({ method: 'POST', url: `${url}${path}`, headers, body });
  }

  /** As our own callback address has it: the callbacks of a recording do not tell whose it is. */
  private whose(message: DrivenMessage): string {
    return new URLSearchParams({ from: callerOf(message), to: this.spec.number }).toString();
  }

  private addressOf(recording: string): string {
    return `https://api.twilio.com/2010-04-01/Accounts/${this.spec.accountSid}/Recordings/${recording}`;
  }
}

function callerOf({ conversation }: DrivenMessage): string {
  return `+1415${digitsOf(conversation, 7)}`;
}
