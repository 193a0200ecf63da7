import type { MessageDraft } from '@fanin/connector-kit';
import { normalise } from './normalise.js';

const from = { id: 70001, is_bot: false, first_name: 'Ada' };
const chat = { id: 70001, type: 'private' };
const read = (update: object) =>
  normalise({
    deliveryId: 'delivery-1',
    tenant: 'default',
    accountId: 'account-1',
    receivedAt: '2026-11-21T08:15:30.120Z',
    contentType: 'application/json',
    meta: {},
    body: Buffer.from(JSON.stringify({ update_id: 1, ...update })),
  });
const readMessage = async (message: object): Promise<MessageDraft | undefined> =>
  (await read({ message: { message_id: 5, from, chat, date: 1_795_000_000, ...message } })).messages[0];
const edit = (text: string) => read({ edited_message: { message_id: 5, from, chat, date: 1, edit_date: 2, text } });

describe('normalise', () => {
  it('tells two edits of one second apart', async () => {
    const [one, two, again] = await Promise.all([edit('one'), edit('two'), edit('one')]);
    const keyOf = ({ messages: [draft] }: typeof one) => [draft?.provider_message_id, draft?.provider_message_variant];
    expect(keyOf(one)).not.toEqual(keyOf(two));
    expect(keyOf(one)).toEqual(keyOf(again));
  });

  it('keeps what JSON can say and the log cannot', async () => {
    expect((await readMessage({ text: 'a\u0000b\ud83d' }))?.text).toBe('a\ufffdb\ufffd');
  });

  it('takes an animation once, although it comes as a document too', async () => {
    const animation = { file_id: 'CgAC', mime_type: 'video/mp4', file_name: 'wave.mp4' };
    expect((await readMessage({ animation, document: animation }))?.attachments).toEqual([
      { ref: 'CgAC', name: 'wave.mp4', content_type: 'video/mp4', inline: false },
    ]);
  });

  it('lets no file name lead anywhere', async () => {
    const named = (file_name: string) => readMessage({ document: { file_id: 'BQAC', file_name } });
    expect((await named('..\\..\\a\u202egnp.exe'))?.attachments[0]?.name).toBe('agnp.exe');
    expect((await named('..'))?.attachments[0]?.name).toBe('document');
  });

  it('marks another bot as a machine', async () => {
    expect((await readMessage({ from: { ...from, is_bot: true }, text: 'beep' }))?.automatic?.rule).toBe('bot_sender');
  });

  it('takes the thread of a reply for no topic', async () => {
    expect((await readMessage({ message_thread_id: 3, text: 'x' }))?.conversation_key).toBe('telegram:70001');
  });

  it('names the kinds of updates that it does not read', async () => {
    expect((await read({ channel_post: {} })).ignored).toEqual({ rule: 'other_update', evidence: 'channel_post' });
  });
});
