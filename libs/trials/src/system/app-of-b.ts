import type { SimulatedMeta } from '@fanin/simulated-accounts';

/** What shop B has at Meta's: another app with another secret, so that nothing of shop A's opens anything here. */
export const APP_OF_B: SimulatedMeta['app'] = {
  id: '930417552880164',
  secret: 'c1d0a94e7bb24f0e9b6f3d2a58e7c613',
  verifyToken: 'verify-token-of-b',
  pages: [
    {
      id: '209911847730558',
      name: 'Fjord Cycles',
      accessToken: 'EAALrdemoPageToken209911847730558',
      instagram: { id: '17841499120455871', username: 'fjord.cycles', name: 'Fjord Cycles' },
    },
  ],
  phones: [
    {
      id: '118842210097345',
      wabaId: '120055318870246',
      displayNumber: '15550785514',
      verifiedName: 'Fjord Cycles',
      accessToken: 'EAALrdemoSystemUserToken118842210097345',
    },
  ],
};
