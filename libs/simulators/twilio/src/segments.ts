/** GSM 03.38 basic set; `^{}\[~]|€` count twice (3GPP TS 23.038). */
const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const GSM_TWICE = '^{}\\[~]|€';

/** How many SMS a text takes: 160 (153) characters in GSM-7, 70 (67) UTF-16 units otherwise. */
export function segmentsOf(body: string): number {
  let length = 0;
  for (const character of body) {
    if (GSM_TWICE.includes(character)) length += 2;
    else if (GSM.includes(character)) length += 1;
    else return body.length <= 70 ? 1 : Math.ceil(body.length / 67);
  }
  return length <= 160 ? 1 : Math.ceil(length / 153);
}
