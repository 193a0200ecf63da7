/** Everything the simulated vendor remembers. Times are epoch ms inside; the wire's shapes are made in resources.ts. */
export interface MediaRecord {
  sid: string;
  content_type: string;
  bytes: Buffer;
  created_ms: number;
  /** Before this, fetching it answers 404. */
  ready_ms: number;
}

export interface MessageRecord {
  sid: string;
  account_sid: string;
  direction: 'inbound' | 'outbound-api' | 'outbound-reply';
  from: string;
  to: string;
  body: string;
  status: string;
  messaging_service_sid: string | null;
  media: MediaRecord[];
  created_ms: number;
  updated_ms: number;
  sent_ms: number | null;
  error_code: number | null;
  error_message: string | null;
  num_segments: number;
  /** `vendor`: an answer that Twilio gives by itself (opt-out words). */
  origin: 'customer' | 'api' | 'twiml' | 'vendor';
  status_callback?: string;
  media_urls: string[];
  content_sid?: string;
  content_variables?: string;
}

export interface CallEvent {
  verb: string;
  at_seconds: number;
  [detail: string]: unknown;
}

export interface CallRecord {
  sid: string;
  account_sid: string;
  parent_call_sid: string | null;
  from: string;
  to: string;
  direction: 'inbound' | 'outbound-api' | 'outbound-dial';
  status: 'queued' | 'ringing' | 'in-progress' | 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled';
  created_ms: number;
  start_ms: number | null;
  end_ms: number | null;
  duration_seconds: number | null;
  caller_name: string | null;
  forwarded_from: string | null;
  phone_number_sid: string | null;
  /** What happened in the call, verb by verb: for people and tests. */
  events: CallEvent[];
}

export interface RecordingRecord {
  sid: string;
  account_sid: string;
  call_sid: string;
  status: 'in-progress' | 'processing' | 'completed' | 'absent' | 'failed';
  duration_seconds: number;
  source: 'RecordVerb' | 'DialVerb';
  start_ms: number;
  error_code: number | null;
  /** Before this, and when null, fetching it answers 404. */
  ready_ms: number | null;
}

export interface TranscriptionRecord {
  sid: string;
  account_sid: string;
  recording_sid: string;
  status: 'in-progress' | 'completed' | 'failed';
  text: string;
  duration_seconds: number;
  created_ms: number;
}

/** What Twilio's debugger would list: webhooks that failed, documents that made no sense. */
export interface AlertRecord {
  at: string;
  account_sid: string;
  error_code: number;
  resource_sid: string;
  url: string;
  detail: string;
}

export class Store {
  messages: MessageRecord[] = [];
  calls: CallRecord[] = [];
  recordings: RecordingRecord[] = [];
  transcriptions: TranscriptionRecord[] = [];
  alerts: AlertRecord[] = [];
  /** `sender|person`: who must not be written to (21610). */
  readonly optedOut = new Set<string>();
  /** `sender|person` → when the person last wrote by WhatsApp. */
  readonly lastWritten = new Map<string, number>();

  clear(): void {
    this.messages = [];
    this.calls = [];
    this.recordings = [];
    this.transcriptions = [];
    this.alerts = [];
    this.optedOut.clear();
    this.lastWritten.clear();
  }
}

export const pairOf = (sender: string, person: string): string => `${sender}|${person}`;
