import { Draft, type DraftStorage } from './draft.js';

describe('a draft', () => {
  let kept: Map<string, string>;
  let storage: DraftStorage;
  let count: number;
  const open = (ticket = 't1'): Draft => new Draft(storage, ticket, 'reply', () => `key-${(count += 1)}`);

  beforeEach(() => {
    kept = new Map();
    count = 0;
    storage = {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
    };
  });

  it('survives a reload and is kept apart by ticket', () => {
    open().save('half a sentence');
    expect([open().text, open('t2').text]).toEqual(['half a sentence', '']);
  });

  it('sends the same request again under the same key, also after a reload', () => {
    open().save('hello');
    expect([open().keyFor({ text: 'hello' }), open().keyFor({ text: 'hello' })]).toEqual(['key-1', 'key-1']);
    open().save('hello ');
    expect(open().keyFor({ text: 'hello' })).toBe('key-1');
  });

  it('takes a new key for another text or another status', () => {
    const draft = open();
    expect([
      draft.keyFor({ text: 'a' }),
      draft.keyFor({ text: 'b' }),
      draft.keyFor({ text: 'b', status: 'solved' }),
    ]).toEqual(['key-1', 'key-2', 'key-3']);
  });

  it('forgets the key once it was sent: the same words may be sent again on purpose', () => {
    const draft = open();
    expect(draft.keyFor({ text: 'thanks' })).toBe('key-1');
    draft.clear();
    expect(draft.keyFor({ text: 'thanks' })).toBe('key-2');
  });

  it('leaves nothing behind when emptied, and does not fail over rubbish or a full storage', () => {
    open().save('x');
    open().save('');
    expect(kept.size).toBe(0);
    kept.set('fanin.draft.t1.reply', '{not json');
    expect(open().text).toBe('');
    storage.setItem = () => {
      throw new Error('QuotaExceededError');
    };
    expect(() => open().save('y')).not.toThrow();
  });
});
