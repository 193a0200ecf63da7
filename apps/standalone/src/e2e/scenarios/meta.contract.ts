import type { SystemUnderTest } from '@fanin/trials';
import { describeMetaInbound } from './meta-inbound.contract.js';
import { describeMetaPages } from './meta-pages.contract.js';
import { describeMetaReplies } from './meta-replies.contract.js';
import { describeMetaWorstDays, type CutReply } from './meta-worst-days.contract.js';

/**
 * Messenger, Page comments, Instagram and WhatsApp Cloud, from the simulator to the desk and back. Answers what
 * `describeMetaAfterKill` needs, which comes some minutes later.
 */
export function describeMeta(system: () => SystemUnderTest): readonly CutReply[] {
  const cut: CutReply[] = [];
  describe('Meta', () => {
    describeMetaInbound(system);
    describeMetaReplies(system);
    describeMetaPages(system);
    describeMetaWorstDays(system, cut);
  });
  return cut;
}
