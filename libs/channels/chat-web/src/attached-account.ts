import type { Logger } from '@fanin/kernel';
import type { ChannelAccount, ChannelHost, Emit } from '@fanin/connector-kit';
import type { ChatWebConfig } from './config.js';
import type { FeedHub } from './conversation-feed.js';
import type { Directory } from './directory.js';
import { CLOSE, SessionEnd } from './session-end.js';
import { TokenBuckets } from './limits.js';
import { PING_INTERVAL_MS, PONG_TIMEOUT_MS, type Limits } from './protocol.js';
import type { SessionDeps } from './session.js';
import type { VisitorVerifier } from './client-jwt.js';

/** An account while its capture runs: its configuration, its counters, and the way into the log. */
export class AttachedAccount {
  readonly id: string;
  readonly config: ChatWebConfig;
  private readonly limits: Limits;
  private readonly byVisitor: TokenBuckets;
  private readonly byConversation: TokenBuckets;
  private readonly byAddress: TokenBuckets;
  private readonly newVisitors: TokenBuckets;

  constructor(
    private readonly account: ChannelAccount<ChatWebConfig>,
    private readonly verifier: VisitorVerifier,
    private readonly host: ChannelHost,
    private readonly door: { readonly hub: FeedHub; readonly directory: Directory },
    private readonly emit: Emit,
  ) {
    const { config } = account;
    this.id = account.id;
    this.config = config;
    this.byVisitor = new TokenBuckets(host.clock, config.messages_per_second, config.message_burst);
    this.byConversation = new TokenBuckets(host.clock, config.messages_per_second, config.message_burst);
    this.byAddress = new TokenBuckets(host.clock, config.ip_messages_per_second, config.ip_messages_per_second * 2);
    this.newVisitors = new TokenBuckets(
      host.clock,
      config.new_visitors_per_ip_per_minute / 60,
      config.new_visitors_per_ip_per_minute,
    );
    this.limits = {
      max_text_bytes: config.max_text_bytes,
      messages_per_second: config.messages_per_second,
      message_burst: config.message_burst,
      ping_interval_ms: PING_INTERVAL_MS,
      pong_timeout_ms: PONG_TIMEOUT_MS,
    };
  }

  sessionDeps(address: string, logger: Logger): SessionDeps {
    return {
      accountId: this.id,
      emit: this.emit,
      log: this.host.conversations,
      hub: this.door.hub,
      limits: this.limits,
      greeting: this.config.greeting,
      clock: this.host.clock,
      metrics: this.host.metrics,
      logger,
      throttle: (visitor) =>
        this.byAddress.take(address) ||
        this.byVisitor.take(visitor.id) ||
        this.byConversation.take(visitor.conversationId),
      identity: {
        scope: { tenant: this.account.tenant, accountId: this.id },
        required: this.config.identity === 'required',
        verifier: this.verifier,
        directory: this.door.directory,
        admitNewVisitor: () => {
          if (this.newVisitors.take(address) > 0)
            throw new SessionEnd(CLOSE.flood, 'too many new visitors from this address');
        },
      },
    };
  }
}
