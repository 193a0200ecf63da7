/** The sample shop: a tenant of its own, so that nobody takes its numbers for theirs. */
export const DEMO_TENANT = { id: 'demo', name: 'Demo shop (sample data)' };

export const DEMO_ADDRESS = 'help@demo.localhost';
export const DEMO_CHAT_ACCOUNT = 'demo-chat';

export function demoAccounts(): { id: string; tenant: string; channel: string; config: object }[] {
  return [
    { id: 'demo-mail', tenant: DEMO_TENANT.id, channel: 'email-smtp', config: { addresses: [DEMO_ADDRESS] } },
    { id: DEMO_CHAT_ACCOUNT, tenant: DEMO_TENANT.id, channel: 'chat-web', config: {} },
  ];
}
