import { jsonReply } from '@fanin/simulators/core';
import type { Router, SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import { mp3Of, wavOf } from './audio.js';
import type { AccountHandler } from './auth.js';
import type { TwilioAccount } from './config.js';
import { filterSpan } from './dates.js';
import { notFound } from './errors.js';
import type { FileHost } from './files.js';
import { recordingUrl } from './links.js';
import { pageReply } from './paging.js';
import type { TwilioParts } from './parts.js';
import { recordingResource, transcriptionResource } from './resources.js';
import type { RecordingRecord, TranscriptionRecord } from './store.js';

type Guard = (handler: AccountHandler) => (request: SimulatorRequest) => SimulatorReply | Promise<SimulatorReply>;

const ROOT = '/api.twilio.com/2010-04-01/Accounts/:account';

/** twilio.com/docs/voice/api/recording and …/recording-transcription */
export function addRecordingRoutes(router: Router, parts: TwilioParts, guard: Guard, files: FileHost): void {
  const resource = (recording: RecordingRecord) => recordingResource(recording, recordingUrl(parts, recording));
  router.on(
    'GET',
    `${ROOT}/Recordings.json`,
    guard((request, account) => pageReply(request, 'recordings', listed(parts, account, request.query), resource)),
  );
  router.on(
    'GET',
    `${ROOT}/Recordings/:recording.json`,
    guard((request, account) => jsonReply(200, resource(recordingOf(parts, account, request)))),
  );
  router.on(
    'GET',
    `${ROOT}/Recordings/:recording/Transcriptions.json`,
    guard((request, account) => {
      const { sid } = recordingOf(parts, account, request);
      const found = parts.store.transcriptions.filter((each) => each.recording_sid === sid).reverse();
      return pageReply(request, 'transcriptions', found, transcriptionResource);
    }),
  );
  router.on(
    'GET',
    `${ROOT}/Transcriptions/:transcription.json`,
    guard((request, account) => jsonReply(200, transcriptionResource(transcriptionOf(parts, account, request)))),
  );
  // The sound itself, as .wav (also without an ending) or .mp3.
  const audio = (type: 'wav' | 'mp3') =>
    guard((request, account) => {
      const recording = recordingOf(parts, account, request);
      if (recording.ready_ms === null || recording.ready_ms > parts.clock.now()) throw gone(request);
      const seconds = recording.duration_seconds;
      return type === 'wav'
        ? files.redirect(302, wavOf(seconds), 'audio/x-wav')
        : files.redirect(302, mp3Of(seconds), 'audio/mpeg');
    });
  router.on('GET', `${ROOT}/Recordings/:recording.wav`, audio('wav'));
  router.on('GET', `${ROOT}/Recordings/:recording.mp3`, audio('mp3'));
  router.on('GET', `${ROOT}/Recordings/:recording`, audio('wav'));
}

const gone = (request: SimulatorRequest) => notFound(request.path.replace(/^\/[^/]+/, ''));

function listed(parts: TwilioParts, account: TwilioAccount, query: URLSearchParams): RecordingRecord[] {
  const span = filterSpan(query, 'DateCreated');
  const callSid = query.get('CallSid');
  return parts.store.recordings
    .filter(
      (recording) =>
        recording.account_sid === account.account_sid &&
        (callSid === null || recording.call_sid === callSid) &&
        recording.start_ms >= span.fromMs &&
        recording.start_ms <= span.toMs,
    )
    .reverse();
}

function recordingOf(parts: TwilioParts, account: TwilioAccount, request: SimulatorRequest): RecordingRecord {
  const found = parts.store.recordings.find(
    (each) => each.sid === request.params['recording'] && each.account_sid === account.account_sid,
  );
  if (found === undefined) throw gone(request);
  return found;
}

function transcriptionOf(parts: TwilioParts, account: TwilioAccount, request: SimulatorRequest): TranscriptionRecord {
  const found = parts.store.transcriptions.find(
    (each) => each.sid === request.params['transcription'] && each.account_sid === account.account_sid,
  );
  if (found === undefined) throw gone(request);
  return found;
}
