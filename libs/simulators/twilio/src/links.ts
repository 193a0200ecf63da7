import { API_HOST, apiPath, linkTo } from './parts.js';
import type { TwilioParts } from './parts.js';
import type { RecordingRecord, TranscriptionRecord } from './store.js';

export const recordingUrl = (parts: TwilioParts, recording: RecordingRecord): string =>
  linkTo(parts, API_HOST, apiPath(recording.account_sid, `/Recordings/${recording.sid}`));

export const transcriptionUrl = (parts: TwilioParts, transcription: TranscriptionRecord): string =>
  linkTo(parts, API_HOST, apiPath(transcription.account_sid, `/Transcriptions/${transcription.sid}`));
