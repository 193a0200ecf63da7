import { relative } from 'node:path';
import type { RunningStandalone } from './standalone.js';

/** What a person reads when everything answers: where to look, and two things to try. */
export function announcement({ url, config, folder }: RunningStandalone): string[] {
  const token = config.auth.operator_token;
  const page = (path: string): string => `${url}${path}${token === undefined ? '' : `?token=${token}`}`;
  const key = relative(process.cwd(), folder.apiKeyFile) || folder.apiKeyFile;
  return [
    '',
    `Fanin is ready: ${url}`,
    '',
    `  Dashboard       ${page('/')}`,
    `  API             ${page('/docs')}`,
    `  Shop with chat  ${url}/demo-shop`,
    '',
    'Try it:',
    `  npm run send-mail -- --port ${config.smtp.port} --subject "Where is my parcel?" --text "Hello, order 1007 has not come."`,
    `  curl -H "Authorization: Bearer $(cat ${key})" "${url}/api/v1/tickets?limit=5"`,
    '',
    'Ctrl-C ends it; everything is kept.',
    '',
  ];
}
