/** What the scenarios look at in answers; written down here, so that a change of the API's names is seen. */
export interface TicketView {
  readonly id: string;
  readonly number: number;
  readonly subject: string | null;
  readonly status: string;
  readonly priority: string;
  readonly channel: string;
  readonly account_id: string;
  readonly tags: readonly string[];
  readonly team_id: string | null;
  readonly assignee_id: string | null;
  readonly customer: { readonly id: string; readonly name: string | null };
  readonly created_at: string;
  readonly updated_at: string;
  readonly first_replied_at: string | null;
  readonly solved_at: string | null;
  readonly closed_at: string | null;
  readonly visibility: string | null;
  readonly reply_windows: readonly ReplyWindowView[];
  readonly tasks: readonly TaskView[];
}

export interface ReplyWindowView {
  readonly visibility: string;
  readonly rule: string;
  readonly sends: 'text' | 'template';
  readonly until: string | null;
  readonly once: boolean;
  readonly open: boolean;
  readonly seconds_left: number | null;
}

export interface TaskView {
  readonly id: string;
  readonly kind: string;
  readonly due_at: string | null;
  readonly note: string | null;
  readonly done_at: string | null;
}

export interface AccountView {
  readonly id: string;
  readonly tenant: string;
  readonly channel: string;
  readonly channel_slug: string;
  readonly state: string;
  readonly since: string;
  readonly code: string | null;
  readonly reason: string | null;
  readonly next_attempt_at: string | null;
  readonly action: string | null;
  readonly hook_urls: readonly string[];
  readonly hooks: readonly { readonly url: string; readonly enter: string }[];
  readonly notices: readonly { readonly code: string; readonly message: string; readonly at: string }[];
}

export interface MessageView {
  readonly id: string;
  readonly ticket_id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly kind: 'public' | 'note' | 'event';
  readonly channel: string;
  readonly from: { readonly kind: string; readonly id: string; readonly name: string | null };
  readonly to: readonly { readonly id: string; readonly role: string }[];
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
  readonly quoted_text: string | null;
  readonly attachments: readonly {
    readonly name: string;
    readonly content_type: string;
    readonly size: number;
    readonly sha256: string;
  }[];
  readonly provider_message_id: string | null;
  readonly provider_time: string | null;
  readonly received_at: string;
  readonly visibility: string | null;
  readonly reactions: readonly { readonly value: string | null; readonly from: { readonly id: string } }[];
  readonly amends: {
    readonly message_id: string;
    readonly change: string;
    readonly value: string | null;
    readonly earlier_text: string | null;
  } | null;
  readonly threading: { readonly rule: string; readonly evidence: string | null };
  readonly flags: readonly string[];
  readonly delivery: { readonly status: string; readonly code: string | null; readonly reason: string | null } | null;
}

export interface DeliveryPart {
  readonly fate: string;
  readonly rule: string | null;
  readonly evidence: string | null;
  readonly message_id: string | null;
  readonly ticket_id: string | null;
}

export interface DeliveryView {
  readonly id: string;
  readonly account_id: string;
  readonly channel: string;
  readonly size: number;
  readonly sha256: string;
  readonly parts: readonly DeliveryPart[];
}

export interface FateCounts {
  readonly captured: number;
  readonly in_flight: number;
  readonly fates: Readonly<Record<string, number>>;
}

export interface FateReport extends FateCounts {
  readonly channels: readonly (FateCounts & { readonly channel: string })[];
  readonly rules: readonly { readonly fate: string; readonly rule: string | null; readonly count: number }[];
}
