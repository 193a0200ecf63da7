import { join } from 'node:path';
import { messageOf } from '@fanin/kernel';
import type { ChannelInstance } from '../channel.js';
import type { Capability, ChannelManifest } from '../manifest.js';
import type { MessageDraft, ReceiptDraft } from '../normalise.js';
import type { ChannelContract } from './channel-contract.js';
import { demand, demandNone, Demand } from './demand.js';
import { deliveryOf, loadFixtures, outcomeOf, updateFixture, type Expected, type LoadedFixture } from './fixtures.js';
import { checkFits, checkPure, checkTotal } from './normalise-checks.js';
import type { ContractSubject } from './subject.js';

/** Everything that is said by fixtures: the mapping, its purity, its totality, and proof of the capabilities. */
export function fixtureChecks(
  contract: ChannelContract,
  subject: ContractSubject,
  folder: string,
  update: boolean,
): void {
  const { manifest } = contract.channel;
  let fixtures: readonly LoadedFixture[] = [];
  let unreadable: string | undefined;
  try {
    fixtures = loadFixtures(folder);
  } catch (error) {
    unreadable = messageOf(error);
  }
  const instance = async (): Promise<ChannelInstance> => (await subject.running()).instance;

  it('has fixtures that can be read', () => {
    demand(unreadable === undefined, unreadable ?? '');
    demand(
      fixtures.length >= 3,
      `fixtures/ holds ${fixtures.length} of at least 3 files: write payloads as the provider sends them, in ${join(folder, 'fixtures')}`,
    );
  });
  for (const loaded of fixtures) {
    const named = `fixtures/${loaded.file} (${loaded.fixture.name})`;
    it(`normalises ${named} as expected`, async () => checkExpected(await instance(), loaded, manifest.slug, update));
    it(`normalises ${named} purely`, async () => checkPure({ instance: await instance(), manifest }, loaded));
    it(`makes of ${named} what can travel`, async () => checkFits({ instance: await instance(), manifest }, loaded));
    it(`makes of ${named} the same ids in another delivery`, async () => checkStableIds(await instance(), loaded));
    it(
      `survives ${named} damaged`,
      async () => checkTotal({ instance: await instance(), manifest }, loaded, contract.fuzzRuns ?? 100),
      120_000,
    );
  }
  it('shows every capability of reading in a fixture, and no other', () => {
    // Read again: an update may just have written what is expected.
    const expected = loadFixtures(folder).map((loaded) => loaded.fixture.expected ?? {});
    demandNone(capabilityProblems(manifest, expected));
  });
  it('ignores or marks messages of its own', () => checkOwn(contract, loadFixtures(folder)));
}

async function checkExpected(
  instance: ChannelInstance,
  loaded: LoadedFixture,
  slug: string,
  update: boolean,
): Promise<void> {
  const actual = await outcomeOf(instance, deliveryOf(loaded, loaded.body));
  if (update) return updateFixture(loaded, actual);
  if (loaded.fixture.expected === undefined)
    throw new Demand(
      `fixtures/${loaded.file} has no "expected": write it, or read what comes out with npm run conformance -- ${slug} --update-fixtures`,
    );
  expect(actual).toEqual(loaded.fixture.expected);
}

/** Ids come from the provider's bytes alone: another delivery id and another time of capture change none. */
async function checkStableIds(instance: ChannelInstance, loaded: LoadedFixture): Promise<void> {
  const ids = (expected: Expected): unknown =>
    (expected.messages as MessageDraft[] | undefined)?.map((draft) => [
      draft.provider_message_id,
      draft.conversation_key,
    ]);
  const first = await outcomeOf(instance, deliveryOf(loaded, loaded.body));
  const again = {
    ...deliveryOf(loaded, loaded.body),
    deliveryId: 'another-delivery',
    receivedAt: '2027-01-01T00:00:00.000Z',
  };
  const second = await outcomeOf(instance, again);
  demand(
    JSON.stringify(ids(first)) === JSON.stringify(ids(second)),
    `fixtures/${loaded.file}: provider_message_id or conversation_key changed with the delivery id or the time of capture: take them from what the provider sent`,
  );
}

function capabilityProblems(manifest: ChannelManifest, expected: readonly Expected[]): string[] {
  const drafts = expected.flatMap((each) => (each.messages ?? []) as MessageDraft[]);
  const receipts = expected.flatMap((each) => (each.receipts ?? []) as ReceiptDraft[]);
  const shown: readonly [Capability, boolean, string][] = [
    ['attachments_in', drafts.some((draft) => draft.attachments.length > 0), 'an attachment'],
    ['html', drafts.some((draft) => draft.html !== null), 'html'],
    ['subjects', drafts.some((draft) => draft.subject !== null), 'a subject'],
    [
      'threads_by_reference',
      drafts.some((draft) => draft.threading.references.length > 0),
      'references to earlier messages',
    ],
    [
      'receipts',
      receipts.length > 0 || drafts.some((draft) => draft.delivery_report !== null),
      'a receipt or delivery report',
    ],
    ['media', drafts.some((draft) => draft.attachments.some((each) => 'ref' in each)), 'an attachment to be fetched'],
    ['amendments', drafts.some((draft) => draft.amends !== undefined), 'a message that amends another'],
    ['visibility', drafts.some((draft) => draft.visibility === 'public'), 'a public message'],
    ['reply_windows', drafts.some((draft) => (draft.reply_windows ?? []).length > 0), 'reply_windows'],
    ['consent', expected.some(({ consents }) => (consents ?? []).length > 0), 'a consent'],
  ];
  const problems = shown.flatMap(([capability, isShown, what]) => {
    const named = manifest.capabilities.includes(capability);
    if (named && !isShown) return [`fixtures/: write one with ${what}: the manifest names '${capability}'`];
    if (!named && isShown) return [`src/manifest.ts: name '${capability}': a fixture yields ${what}`];
    return [];
  });
  for (const receipt of receipts)
    if (receipt.outbound_id === null && receipt.provider_message_id === null && receipt.watermark === undefined)
      problems.push('src/normalise.ts: a receipt must name its message: outbound_id, provider_message_id or watermark');
  if (
    manifest.batches === true &&
    !expected.some(({ rejected, messages }) => (rejected ?? []).length > 0 && (messages ?? []).length > 0)
  )
    problems.push(
      'fixtures/: write a batch with one entry that cannot be read among others: it must be `rejected` and its neighbours become messages',
    );
  return drafts.length > 0 ? problems : ['fixtures/: write at least one that yields a message', ...problems];
}

function checkOwn(contract: ChannelContract, fixtures: readonly LoadedFixture[]): void {
  if (contract.ownMessagesNeverReturn !== undefined) {
    demand(
      contract.ownMessagesNeverReturn.length >= 20,
      'contract.spec.ts: ownMessagesNeverReturn must say why, in a sentence',
    );
    return;
  }
  if (!contract.channel.manifest.capabilities.includes('replies')) return;
  const own = fixtures.filter((loaded) => loaded.fixture.own === true);
  demand(
    own.length > 0,
    'fixtures/: write one with "own": true, a message we sent as the provider hands it back (or say in contract.spec.ts why ownMessagesNeverReturn)',
  );
  for (const { file, fixture } of own) {
    const messages = (fixture.expected?.messages ?? []) as MessageDraft[];
    const isMarked = messages.every(
      (draft) => draft.automatic !== null && ['own_echo', 'own_loop'].includes(draft.automatic.rule),
    );
    demand(
      isMarked,
      `fixtures/${file}: our own message must be ignored, or be marked automatic with the rule own_echo or own_loop`,
    );
  }
}
