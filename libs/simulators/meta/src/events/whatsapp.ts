import type { Account, Person, Update } from '../model.js';

function change(account: Account, at: number, part: Record<string, unknown>): Update {
  return {
    object: account.object,
    entryId: account.entryId,
    field: 'messages',
    list: 'changes',
    at,
    item: {
      value: {
        messaging_product: 'whatsapp',
        metadata: { display_phone_number: account.phone?.displayNumber ?? '', phone_number_id: account.id },
        ...part,
      },
      field: 'messages',
    },
  };
}

const seconds = (at: number): string => `${Math.floor(at / 1000)}`;

export function whatsappMessage(
  account: Account,
  person: Person,
  at: number,
  message: Record<string, unknown>,
): Update {
  return change(account, at, {
    contacts: [{ profile: { name: person.name }, wa_id: person.id }],
    messages: [{ from: person.id, ...message, timestamp: seconds(at) }],
  });
}

export interface WhatsappStatus {
  id: string;
  status: 'sent' | 'delivered' | 'read' | 'failed';
  to: string;
  callbackData?: string;
  errors?: { code: number; title: string; details: string }[];
  category?: string;
}

export function whatsappStatus(account: Account, at: number, status: WhatsappStatus): Update {
  const priced = status.status === 'sent' || status.status === 'delivered';
  const category = status.category ?? 'service';
  return change(account, at, {
    statuses: [
      {
        id: status.id,
        status: status.status,
        timestamp: seconds(at),
        recipient_id: status.to,
        ...(status.callbackData === undefined ? {} : { biz_opaque_callback_data: status.callbackData }),
        ...(priced
          ? { pricing: { billable: category !== 'service', pricing_model: 'PMP', category, type: 'regular' } }
          : {}),
        ...(status.errors === undefined ? {} : { errors: status.errors.map(errorPart) }),
      },
    ],
  });
}

export function errorPart({ code, title, details }: { code: number; title: string; details: string }) {
  return {
    code,
    title,
    message: title,
    error_data: { details },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  };
}
