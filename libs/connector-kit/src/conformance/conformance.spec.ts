import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { field } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import { messageIdOf } from '../complete-message.js';
import type { Delivery, MessageDraft } from '../normalise.js';
import { secretValuesOf } from '../secret-values.js';
import { createTestHost } from '../testing/test-host.js';
import { channelFolderProblems } from './channel-folder.js';
import { undocumentedDefaults, undocumentedFields } from './config-checks.js';
import { createRandom, mutate } from './fuzz.js';
import { createGate } from './gate.js';
import { readmeTables, sameTable, sectionOf, withSection } from './readme.js';

class Relay {
  @field.text({ description: 'Password of the relay.', secret: true })
  password!: string;
}

class Config {
  @field.text({ description: 'Where the | provider is.', example: 'https://a.example' })
  url!: string;

  @field.text({ description: 'short', optional: true })
  api_key?: string;

  @field.integer({ description: 'How many at once.', optional: true, default: 5 })
  count = 4;

  @field.objects(() => Relay, { description: 'Relays to send through.', optional: true })
  relays?: Relay[];
}

const channels = join(import.meta.dirname, '..', '..', '..', 'channels');

describe('the folders of all channels', () => {
  it.each(readdirSync(channels))('%s has the shape of a channel', (slug) => {
    expect(channelFolderProblems(join(channels, slug))).toEqual([]);
  });
});

describe('configuration checks', () => {
  it('name what is not documented, looks secret, or documents another default', () => {
    expect(undocumentedFields(Config)).toEqual([
      'src/config.ts: api_key needs a description that says what it is for',
      'src/config.ts: api_key needs an example (or a default)',
      'src/config.ts: api_key looks like a secret: mark it secret: true, or give it a name that does not',
    ]);
    expect(undocumentedDefaults(Config)).toEqual(['src/config.ts: count starts as 4 but documents the default 5']);
  });

  it('find secrets in nested objects', () => {
    expect(secretValuesOf(Config, { url: 'u', relays: [{ password: 'one' }, { password: 'two' }] })).toEqual([
      'one',
      'two',
    ]);
  });
});

describe('README tables', () => {
  const manifest = {
    slug: 'social-x',
    family: 'social',
    title: 'X',
    capture: 'poll',
    capabilities: [],
    limits: { maxDeliveryBytes: 1, maxReplyChars: null },
    sending: 'none',
    maturity: 'beta',
    kit: 1,
  } as const;
  const { config } = readmeTables(manifest, Config, []);

  it('are put between their markers, and found there also when formatted', () => {
    const readme = withSection(
      '# X\n\n<!-- generated:config -->\nold\n<!-- /generated:config -->\n\nEnd\n',
      'config',
      config,
    );
    expect(readme).toMatch(
      /^# X\n\n<!-- generated:config -->\n\n\| field[\s\S]*\n\n<!-- \/generated:config -->\n\nEnd\n$/,
    );
    expect(sectionOf(readme, 'config')).toBe(config);
    expect(sameTable(config.replace(/ {2,}/g, ' ').replace(/-{4,}/g, '---'), config)).toBe(true);
    expect(sameTable(config.replace('How many', 'How few'), config)).toBe(false);
    expect(withSection('# X\n', 'errors', 'none')).toBe(
      '# X\n\n<!-- generated:errors -->\n\nnone\n\n<!-- /generated:errors -->\n',
    );
  });

  it('show nested fields and escape what would break them', () => {
    expect(config).toContain('Where the \\| provider is.');
    expect(config).toMatch(/`relays\[\]\.password` \(required, secret\)/);
  });
});

describe('the tools of the suite', () => {
  it('damage a body in the same way for the same seed, and in many ways', () => {
    const body = Buffer.from('{"id":"1","from":{"id":"ada"},"text":"hello"}');
    const damaged = Array.from({ length: 200 }, (_, seed) => mutate(body, createRandom(seed * 2)).toString('base64'));
    expect(Array.from({ length: 200 }, (_, seed) => mutate(body, createRandom(seed * 2)).toString('base64'))).toEqual(
      damaged,
    );
    expect(new Set(damaged).size).toBeGreaterThan(120);
  });

  it('hold, let through and refuse what is emitted', async () => {
    const gate = createGate();
    const delivery = { body: Buffer.from('x'), contentType: 'text/plain', meta: {} };
    gate.hold();
    const held = gate.emit([delivery]);
    await gate.called(10);
    gate.refuse();
    await expect(held).rejects.toBeInstanceOf(FaninError);
    gate.accept();
    expect(await gate.emit([delivery])).toHaveLength(1);
    expect(gate.offered).toHaveLength(2);
  });

  it('keep transcripts without gaps and without doubles', async () => {
    const { conversations } = createTestHost();
    const heard: number[] = [];
    const end = conversations.onAppend(({ seq }) => void heard.push(seq));
    const draft = { direction: 'inbound', payload: '{}' } as const;
    for (const entryId of ['a', 'b', 'a', 'c']) await conversations.append('room', { ...draft, entryId });
    end();
    await conversations.append('room', { ...draft, entryId: 'd' });
    expect(heard).toEqual([1, 2, 3]);
    expect((await conversations.read('room', 1, 2)).map(({ entryId }) => entryId)).toEqual(['b', 'c']);
    conversations.breakDown(true);
    await expect(conversations.append('room', { ...draft, entryId: 'e' })).rejects.toMatchObject({ code: 'TRANSIENT' });
  });
});

describe('messageIdOf', () => {
  it('survives another grouping, and tells two drafts of one provider id apart', () => {
    const delivery = { tenant: 'shop', accountId: 'a' } as Delivery;
    const drafts = (...ids: string[]): MessageDraft[] => ids.map((id) => ({ provider_message_id: id }) as MessageDraft);
    expect(messageIdOf(delivery, drafts('x', 'y'), 1)).toBe(messageIdOf(delivery, drafts('y'), 0));
    expect(messageIdOf(delivery, drafts('y', 'y'), 1)).not.toBe(messageIdOf(delivery, drafts('y', 'y'), 0));
  });
});
