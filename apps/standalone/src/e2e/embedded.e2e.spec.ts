import { describeChat } from './scenarios/chat.contract.js';
import { describeInput } from './scenarios/input.contract.js';
import { describeIsolation } from './scenarios/isolation.contract.js';
import { describeMail } from './scenarios/mail.contract.js';
import { describeMetrics } from './scenarios/metrics.contract.js';
import { describeReplies } from './scenarios/replies.contract.js';
import { startEmbedded, type EmbeddedSystem } from './spec-support/embedded-system.js';

describe('the whole system, embedded', () => {
  let started: EmbeddedSystem;
  const system = (): EmbeddedSystem => started;
  beforeAll(async () => {
    started = await startEmbedded();
  }, 120_000);
  afterAll(() => started.stop(), 30_000);

  describeMail(system);
  describeReplies(system);
  describeChat(system);
  describeInput(system);
  describeIsolation(system);
  describeMetrics(system);
});
