import type { Router, SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import type { Media } from '../world/media.js';
import type { XWorld } from '../world/world.js';
import type { Authenticate } from './caller.js';
import { forbidden, notFound, unauthorized } from './problems.js';

/** Faults "at media" strike these. */
export function isMediaPath(path: string): boolean {
  return /^\/(media|tweet_video|tweet_video_thumb|1\.1\/ton|2\/dm_conversations\/media)\//.test(path);
}

/** pbs.twimg.com, video.twimg.com and ton.twitter.com differ in their paths: one server can be all of them. */
export function addMediaRoutes(router: Router, world: XWorld, authenticate: Authenticate): void {
  const open = (request: SimulatorRequest): SimulatorReply => {
    const media = world.media.byName(request.params['resource'] ?? '');
    return media === undefined || media.gone || media.dmId !== undefined ? notFound() : file(media);
  };
  const closed = (request: SimulatorRequest): SimulatorReply => {
    const caller = authenticate(request);
    if (caller === undefined) return unauthorized();
    const media = world.media.byName(request.params['resource'] ?? '');
    const { dm, id } = request.params;
    if (media === undefined || media.gone || media.dmId !== dm || media.id !== id) return notFound();
    const message = world.dms.find(dm ?? '');
    const isOneOfTheTwo = caller.user?.id === message?.senderId || caller.user?.id === message?.recipientId;
    return isOneOfTheTwo ? file(media) : forbidden('You are not permitted to view this media.');
  };
  router
    .on('GET', '/media/:resource', open)
    .on('GET', '/tweet_video/:resource', open)
    .on('GET', '/tweet_video_thumb/:resource', open)
    .on('GET', '/1.1/ton/data/dm/:dm/:id/:resource', closed)
    .on('GET', '/2/dm_conversations/media/:dm/:id/:resource', closed);
}

function file(media: Media): SimulatorReply {
  return { status: 200, headers: { 'content-type': media.contentType }, body: media.bytes };
}
