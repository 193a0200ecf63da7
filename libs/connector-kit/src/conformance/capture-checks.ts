import { existsSync } from 'node:fs';
import type { ChannelContract } from './channel-contract.js';
import { demand, Demand } from './demand.js';
import { loadFixtures, type LoadedFixture } from './fixtures.js';
import { pollChecks } from './poll-checks.js';
import { streamChecks } from './stream-checks.js';
import type { ContractSubject } from './subject.js';
import { webhookChecks } from './webhook-checks.js';

/** The checks of the one shape that the manifest names. */
export function captureChecks(contract: ChannelContract, subject: ContractSubject, folder: string): void {
  const { capture } = contract.channel.manifest;
  const sample = (): LoadedFixture => firstFixture(folder);
  switch (capture) {
    case 'webhook':
      if (contract.webhook !== undefined) return webhookChecks(contract.webhook, subject, sample, contract.otherConfig);
      break;
    case 'poll':
      if (contract.poll !== undefined) return pollChecks(contract.poll, subject);
      break;
    case 'stream':
      if (contract.stream !== undefined) return streamChecks(contract.stream, subject);
      break;
  }
  it(`captures by ${capture} as the host expects`, () => {
    throw new Demand(
      `contract.spec.ts: give the suite a \`${capture}\` driver (see ChannelContract in @fanin/connector-kit)`,
    );
  });
}

function firstFixture(folder: string): LoadedFixture {
  demand(existsSync(folder), `${folder} is missing`);
  const fixtures = loadFixtures(folder);
  const sample = fixtures.find((loaded) => (loaded.fixture.expected?.messages?.length ?? 0) > 0) ?? fixtures[0];
  demand(sample !== undefined, 'fixtures/: write one first: its body is what the provider is made to send here');
  return sample;
}
