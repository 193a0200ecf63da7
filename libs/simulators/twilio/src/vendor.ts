import { Router } from '@fanin/simulators/core';
import type { SimulatorParts, Vendor } from '@fanin/simulators/core';
import { createGuard } from './auth.js';
import { addAccountRoutes, addCallRoutes } from './calls-api.js';
import { applyPatch, defaultSettings } from './config.js';
import type { TwilioPatch } from './config.js';
import { notFound, refusalOf, refusalReply } from './errors.js';
import { FileHost } from './files.js';
import { receive } from './inbound.js';
import type { InboundMessage } from './inbound.js';
import { addMessageRoutes } from './messages-api.js';
import { MEDIA_HOST } from './parts.js';
import type { TwilioParts } from './parts.js';
import { addRecordingRoutes } from './recordings-api.js';
import { callResource, messageResource } from './resources.js';
import { sentBy } from './sent.js';
import { Store } from './store.js';
import { keepRecording } from './voice/kept-recording.js';
import type { KeptRecording } from './voice/kept-recording.js';
import { receiveCall } from './voice/play.js';
import type { CallScript } from './voice/script.js';

export interface TwilioVendor extends Vendor {
  parts: TwilioParts;
}

const MEDIA_PATHS = new RegExp(`^/${MEDIA_HOST}/|/Media/ME\\w+$|/Recordings/RE\\w+(\\.wav|\\.mp3)?$`);

/** All of Twilio's hosts on one server: the first segment of a path is the host's name. */
export function buildTwilio(base: SimulatorParts): TwilioVendor {
  let url = '';
  const parts: TwilioParts = {
    ...base,
    settings: defaultSettings(base.identity),
    store: new Store(),
    url: () => url,
  };
  const files = new FileHost(parts);
  const router = new Router();
  const guard = createGuard(parts);
  addMessageRoutes(router, parts, guard, files);
  addCallRoutes(router, parts, guard);
  addRecordingRoutes(router, parts, guard, files);
  addAccountRoutes(router, parts, guard);
  router.on('GET', `/${MEDIA_HOST}/files/:key`, ({ params }) => files.fetch(params['key'] ?? ''));
  return {
    parts,
    site: {
      router,
      placeOf: ({ path }) => (MEDIA_PATHS.test(path) ? 'media' : 'api'),
      refuse: (status) => refusalReply(refusalOf(status)),
      unknown: ({ path }) => refusalReply(notFound(path.replace(/^\/[^/]+/, ''))),
    },
    control: {
      about: () => about(parts),
      inbound: (body) => receive(parts, body as unknown as InboundMessage),
      sent: () => sentBy(parts),
      configure: (body) => {
        applyPatch(parts.settings, body as TwilioPatch, parts.identity);
        return parts.settings;
      },
      reset: () => {
        parts.store.clear();
        files.clear();
      },
    },
    controlCalls: {
      'POST /_control/call': (body) => receiveCall(parts, body as unknown as CallScript),
      'POST /_control/recording': (body) => keepRecording(parts, body as unknown as KeptRecording),
      'GET /_control/messages': () => ({ data: parts.store.messages.map(messageResource) }),
      'GET /_control/calls': () => ({
        data: parts.store.calls.map((call) => ({ ...callResource(call), events: call.events })),
      }),
      'GET /_control/alerts': () => ({ data: parts.store.alerts }),
    },
    listening: (address) => {
      url = address;
    },
  };
}

function about(parts: TwilioParts): Record<string, unknown> {
  return {
    vendor: 'twilio',
    api: `${parts.url()}/api.twilio.com`,
    accounts: parts.settings.accounts,
    more_control: {
      'POST /_control/inbound':
        '{"channel":"sms|whatsapp","from":"+12025550111","to":"…","body":"…","media":[{"content_type":"image/png","base64":"…"}],…}',
      'POST /_control/call': '{"from":"+12025550111","digits":["1"],"dial":"no-answer","speaks_seconds":7,…}',
      'POST /_control/recording':
        '{"recording_sid":"RE…","call_sid":"CA…","seconds":7}: of a call that is played elsewhere',
      'POST /_control/config': '{"numbers":[{"phone_number":"+12025550100","sms_url":"…","voice_url":"…"}],…}',
      'GET /_control/messages': 'all messages, both ways',
      'GET /_control/calls': 'all calls, with what happened in them',
      'GET /_control/alerts': "what Twilio's debugger would show",
    },
  };
}
