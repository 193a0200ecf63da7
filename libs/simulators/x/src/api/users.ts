import { jsonReply } from '@fanin/simulators/core';
import type { SimulatorReply } from '@fanin/simulators/core';
import type { Person } from '../world/people.js';
import type { XWorld } from '../world/world.js';
import { ANY_AUTH, USER_AUTH, userOf } from './endpoint.js';
import type { Call, Endpoint } from './endpoint.js';
import { Objects, selectionOf } from './objects.js';
import { missingResource } from './problems.js';

export function userEndpoints(world: XWorld): Endpoint[] {
  const one = (call: Call, person: Person | undefined, wanted: string, parameter: string): SimulatorReply => {
    const objects = new Objects(world, selectionOf(call.query));
    if (person === undefined) objects.missing(missingResource('user', wanted, parameter));
    return jsonReply(200, objects.answer(person && objects.user(person)));
  };
  return [
    { method: 'GET', path: '/2/users/me', auth: USER_AUTH, answer: (call) => one(call, userOf(call), 'me', 'id') },
    {
      method: 'GET',
      path: '/2/users/by/username/:username',
      auth: ANY_AUTH,
      answer: (call) => {
        const username = call.params['username'] ?? '';
        return one(call, world.people.byUsername(username), username, 'username');
      },
    },
    {
      method: 'GET',
      path: '/2/users/:id',
      auth: ANY_AUTH,
      answer: (call) => one(call, world.people.byId(call.params['id'] ?? ''), call.params['id'] ?? '', 'id'),
    },
  ];
}
