import { consentWordOf } from './consent-words.js';

it.each([
  ['STOP', undefined, 'stop'],
  [' stop\n', undefined, 'stop'],
  ['Stop.', undefined, 'stop'],
  ['"STOP!"', undefined, 'stop'],
  ['Revoke', undefined, 'stop'],
  ['stop it please', undefined, undefined],
  ['Yes', undefined, 'start'],
  ['Yes!', undefined, undefined],
  ['unstop', undefined, 'start'],
  ['info', undefined, 'help'],
  ['ARRET', 'STOP', 'stop'],
  ['stop', 'HELP', 'help'],
  ['', undefined, undefined],
  ['ja', undefined, undefined],
])('%j with OptOutType %s is %s', (body, type, word) => expect(consentWordOf(body, type)).toBe(word));
