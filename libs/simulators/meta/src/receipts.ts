import { feedUpdate, instagramCommentUpdate } from './events/comments.js';
import { deliveryPart, echoField, messagePart, messagingUpdate, readField, readPart } from './events/direct.js';
import { whatsappStatus } from './events/whatsapp.js';
import type { WhatsappStatus } from './events/whatsapp.js';
import { linkedAttachments } from './inbound/shared.js';
import type { Account, Person, Post, StoredComment, StoredMessage, Update } from './model.js';
import type { Stage } from './stage.js';

/** Plays the steps one after another, each after the plan's delay; `idle()` waits for the last. */
function play(stage: Stage, steps: readonly (() => Update)[]): void {
  const run = async (): Promise<void> => {
    for (const step of steps) {
      if (stage.settings.receipts.delayMs > 0) {
        await stage.clock.sleep(stage.settings.receipts.delayMs, stage.webhooks.signal);
      }
      if (stage.webhooks.signal.aborted) return;
      stage.outbox.post(step());
    }
  };
  void stage.webhooks.activity.track(run());
}

/** A message of ours in a conversation: echo, delivery, read. */
export function afterDirect(
  stage: Stage,
  account: Account,
  person: Person,
  message: StoredMessage,
  sent: { appId: string; metadata?: string },
): void {
  const plan = stage.settings.receipts;
  const now = (): number => Math.max(stage.world.now(), message.at);
  const update = (
    field: string,
    part: () => Record<string, unknown>,
    more: { fromUs?: boolean; timed?: boolean } = {},
  ) => {
    return () =>
      messagingUpdate(account, more.fromUs === true ? message.at : now(), field, part(), { person, ...more });
  };
  const extra = {
    is_echo: true,
    app_id: Number(sent.appId),
    ...(sent.metadata === undefined ? {} : { metadata: sent.metadata }),
  };
  const steps: (() => Update)[] = [];
  if (plan.echo) {
    const part = () => messagePart(message, linkedAttachments(stage, message.attachments), extra);
    steps.push(update(echoField(account), part, { fromUs: true }));
  }
  if (plan.delivered && account.kind === 'page') {
    const part = () => deliveryPart(now(), plan.mids ? [message.id] : undefined);
    steps.push(update('message_deliveries', part, { timed: false }));
  }
  if (plan.read) steps.push(update(readField(account), () => readPart(account, now(), message.id)));
  play(stage, steps);
}

/** A comment of ours: the Page's feed, or Instagram's comments, tell of it like of any other. */
export function afterComment(stage: Stage, account: Account, post: Post, comment: StoredComment): void {
  if (!stage.settings.receipts.echo || post.owner !== undefined) return;
  play(stage, [
    () =>
      account.kind === 'page'
        ? feedUpdate(account, post, comment, 'add', comment.at)
        : instagramCommentUpdate(account, comment),
  ]);
}

/** A WhatsApp message of ours: sent, delivered, read; or failed, with what the failure was. */
export function afterWhatsapp(
  stage: Stage,
  account: Account,
  status: Omit<WhatsappStatus, 'status'>,
  failure?: { code: number; title: string; details: string },
): void {
  const plan = stage.settings.receipts;
  const step = (name: WhatsappStatus['status']) => () =>
    whatsappStatus(account, stage.world.now(), {
      ...status,
      status: name,
      ...(failure === undefined ? {} : { errors: [failure] }),
    });
  if (failure !== undefined) return play(stage, [step('failed')]);
  const names: WhatsappStatus['status'][] = [
    ...(plan.delivered ? (['sent', 'delivered'] as const) : []),
    ...(plan.read ? (['read'] as const) : []),
  ];
  play(stage, names.map(step));
}
