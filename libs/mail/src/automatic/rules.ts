/** Why a mail is not a customer's own words. Never answered automatically, never counted as a customer's reply. */
export const AUTOMATIC_RULES = [
  'own_loop',
  'bounce',
  'feedback_report',
  'auto_reply',
  'list_mail',
  'null_sender',
  'no_reply_sender',
] as const;
export type AutomaticRule = (typeof AUTOMATIC_RULES)[number];

/** One recipient of a delivery status notification (RFC 3464 §2.3). */
export interface RecipientStatus {
  readonly finalRecipient?: string;
  readonly originalRecipient?: string;
  /** `failed`, `delayed`, `delivered`, `relayed`, `expanded`. */
  readonly action?: string;
  /** `5.1.1` (RFC 3463). */
  readonly status?: string;
  readonly diagnostic?: string;
  /** From the status class: 5 is permanent, 4 is temporary. */
  readonly permanence: 'permanent' | 'temporary' | 'success' | 'unknown';
}

export interface BounceReport {
  readonly recipients: readonly RecipientStatus[];
  /** Message-ID of the mail that bounced, from the returned headers. */
  readonly originalMessageId?: string;
  /** An address of ours that the notification was sent to and that names the message (VERP), when a reader was given. */
  readonly verpId?: string;
  /** True when it only says that delivery succeeded or goes on. */
  readonly informational: boolean;
}

/** An abuse or feedback report (ARF, RFC 5965). */
export interface FeedbackReport {
  /** `abuse`, `fraud`, `not-spam`, `other`, `opt-out`… */
  readonly feedbackType: string;
  readonly originalRecipients: readonly string[];
  readonly originalMessageId?: string;
}

export interface AutomaticMail {
  readonly rule: AutomaticRule;
  /** The header or part that decided, as `name: value`. */
  readonly evidence: string;
  readonly bounce?: BounceReport;
  readonly feedback?: FeedbackReport;
}
