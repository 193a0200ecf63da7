import EmailReplyParser from 'email-reply-parser';

/** Names of the header lines that Outlook and others put over a quoted message, per language, as `From|Sent|To|Subject`. */
const FROM = [
  'from',
  'von',
  'de',
  'da',
  'van',
  'fra',
  'från',
  'lähettäjä',
  'od',
  'от',
  'от кого',
  'kimden',
  'gönderen',
  '发件人',
  '寄件者',
  '差出人',
  '보낸 사람',
  'feladó',
  'odesílatel',
  'expéditeur',
];
const DATE = [
  'sent',
  'date',
  'gesendet',
  'datum',
  'envoyé',
  'enviado',
  'enviado el',
  'enviada em',
  'fecha',
  'data',
  'inviato',
  'verzonden',
  'sendt',
  'skickat',
  'lähetetty',
  'wysłano',
  'дата',
  'отправлено',
  'gönderildi',
  'tarih',
  '发送时间',
  '日期',
  '寄件日期',
  '送信日時',
  '日時',
  '보낸 날짜',
  'elküldve',
  'odesláno',
];
const OTHER = [
  'to',
  'an',
  'à',
  'para',
  'a',
  'aan',
  'til',
  'till',
  'vastaanottaja',
  'do',
  'кому',
  'kime',
  '收件人',
  '收件者',
  '宛先',
  '받는 사람',
  'cc',
  'kopie',
  'subject',
  'betreff',
  'objet',
  'asunto',
  'assunto',
  'oggetto',
  'onderwerp',
  'emne',
  'ämne',
  'aihe',
  'temat',
  'тема',
  'konu',
  '主题',
  '主旨',
  '件名',
  '제목',
  'tárgy',
  'předmět',
  'komu',
  'reply-to',
  'importance',
  'wichtigkeit',
];

const LABEL = /^[\s>*_]{0,20}([\p{L}][\p{L}\s-]{0,24}?)\s{0,3}\*?\s?[:：]\*?/u;
const fromLabels = new Set(FROM);
const dateLabels = new Set(DATE);
const anyLabels = new Set([...FROM, ...DATE, ...OTHER]);

/** `-----Original Message-----` and its kin; `---------- Forwarded message ---------`; Apple's "Begin forwarded message:". */
const SEPARATOR =
  /^[\s>]{0,10}(?:-{2,40}\s?(?:original message|ursprüngliche nachricht|originalnachricht|message d'origine|message original|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|oprindelig (?:besked|meddelelse)|opprinnelig melding|ursprungligt meddelande|alkuperäinen viesti|wiadomość oryginalna|исходное сообщение|orijinal mesaj|原始邮件|原始郵件|元のメッセージ|원본 메시지|původní zpráva|eredeti üzenet|reply message|forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|пересылаемое сообщение)\s?-{0,40}|begin forwarded message:|anfang der weitergeleiteten nachricht:|début du message réexpédié\s?:|inicio del mensaje reenviado:|inizio messaggio inoltrato:)\s*$/iu;

/** How an attribution begins and ends, per language: "On … wrote:", "Am … schrieb …:". Tested on one joined line of bounded length. */
const ATTRIBUTIONS: readonly (readonly [start: RegExp, end: RegExp])[] = [
  [/^on\s/iu, /(?<!\p{L})wrote\s?:$/iu],
  [/^am\s/iu, /(?<!\p{L})schrieb(?!\p{L})[^:]{0,200}:$/iu],
  [/\S/u, /(?<!\p{L})schrieb(?: am [^:]{0,60}(?::\d\d){0,2}[^:]{0,40})?\s?:$/iu],
  [/^le\s/iu, /a écrit\s?:$/iu],
  [/^el\s/iu, /escribió\s?:$/iu],
  [/^il\s/iu, /ha scritto\s?:$/iu],
  [/^em\s/iu, /escreveu\s?:$/iu],
  [/^op\s/iu, /(?<!\p{L})(?:schreef|het volgende geschreven)(?!\p{L})[^:]{0,200}:$/iu],
  [/^(?:w dniu|dnia|dn\.)\s/iu, /(?:pisze|napisał(?:\(a\)|a)?)[^:]{0,100}:$/iu],
  [/^(?:den|på)\s/iu, /(?<!\p{L})skrev(?!\p{L})[^:]{0,200}:$/iu],
  [
    /\d/u,
    /(?<!\p{L})(?:skrev|kirjoitti|napsala?|írta|a scris|yazdı|şunu yazdı|napísala?|pisze|napisał(?:\(a\)|a)?|wrote|schreef|escribió|a écrit|ha scritto|escreveu)[^:]{0,100}:$/iu,
  ],
  [
    /^(?:пн|вт|ср|чт|пт|сб|вс|\d{1,2})[.,\s]/iu,
    /(?:(?:пишет|писал(?:\(а\)|а)?|написал(?:\(а\)|а)?)[^:]{0,100}|[>\]])\s?:$/iu,
  ],
  [/^(?:στις|την|τη)\s/iu, /έγραψε\s?:$/iu],
  [/^在/u, /写道\s?[:：]$/u],
  [/^於/u, /寫道\s?[:：]$/u],
  [/\d/u, /(?:のメッセージ|書きました|のメール)\s?[:：]$/u],
  [/\d/u, /(?:작성|님이 작성|쓰셨습니다|썼습니다)\s?[:：]$/u],
  [/\d/u, /(?:כתב|כתבה|כתב\/ה|مكتوب|كتب)[^:]{0,200}:$/u],
];

const MAX_ATTRIBUTION = 400;

/** A separator line that no one types. */
export function isSeparator(line: string): boolean {
  return line.length <= 120 && SEPARATOR.test(line);
}

/** Three or more header lines in a row with a sender and a date among them: a quoted message's head, in any of the languages. */
export function isHeaderBlock(lines: readonly string[], at: number): boolean {
  const labels: string[] = [];
  let hasAddress = false;
  for (let line = at; line < lines.length && line < at + 8; line += 1) {
    const text = (lines[line] ?? '').slice(0, 300);
    const label = LABEL.exec(text)?.[1]?.toLowerCase();
    if (label === undefined || !anyLabels.has(label)) {
      if (text.trim() === '' || labels.length > 0) break;
      return false;
    }
    if (/@/u.test(text)) hasAddress = true;
    labels.push(label);
  }
  const first = labels[0];
  if (
    first === undefined ||
    labels.length < 3 ||
    !(fromLabels.has(first) || dateLabels.has(first) || first === 'subject')
  )
    return false;
  const dated = labels.some((label) => dateLabels.has(label));
  return labels.some((label) => fromLabels.has(label)) && (hasAddress || (dated && labels.length >= 4));
}

/** An attribution that proves itself without `>` lines after it: it names an address or a time of day. */
export function isStrongAttribution(lines: readonly string[]): boolean {
  return /@|\d{1,2}[:.]\d{2}/u.test(lines.join(' '));
}

/** What the looking for attributions in one mail may cost. */
export interface Patience {
  /** Second opinions. */
  left: number;
  /** Nothing that backtracks at all. */
  readonly isShort: boolean;
}

/** A hostile line can cost seconds: who has others waiting reads the mail in a thread. */
export class WantsTime extends Error {
  override readonly name = 'WantsTime';
}

/**
 * How many lines from `at` form an attribution ("On … wrote:"), 0 when none do. Mail programs break it over up to three lines.
 * `seen` bounds how often the slower second opinion is asked for one mail. Throws WantsTime for a line that may be one where there is no
 * time to look closer.
 */
export function attributionLength(lines: readonly string[], at: number, seen: Patience): number {
  const first = lines[at]?.trim() ?? '';
  if (first === '' || first.length > MAX_ATTRIBUTION) return 0;
  let joined = '';
  for (let count = 1; count <= 3; count += 1) {
    const line = lines[at + count - 1]?.trim() ?? '';
    if (line === '') return 0;
    joined = joined === '' ? line : `${joined} ${line}`;
    if (joined.length > MAX_ATTRIBUTION) return 0;
    if (!/[:：]$/u.test(line)) continue;
    if (seen.isShort && /[\d@<]/u.test(joined)) throw new WantsTime();
    return isAttribution(joined) || secondOpinion(joined, seen) ? count : 0;
  }
  return 0;
}

function isAttribution(line: string): boolean {
  if (!/[\d@<]/u.test(line)) return false;
  const bare = line.replace(/^[-\s]{1,10}/u, '');
  return ATTRIBUTIONS.some(([start, end]) => start.test(bare) && end.test(bare));
}

/** email-reply-parser's patterns backtrack; one bounded line at a time they cannot cost much. */
function secondOpinion(line: string, seen: Patience): boolean {
  if (seen.left <= 0 || line.length > 250 || !/[@<]/u.test(line)) return false;
  seen.left -= 1;
  const email = new EmailReplyParser().read(`x\n\n${line}\n> q`);
  return email.getFragments().some((fragment) => fragment.isQuoted() && fragment.getContent().includes(line));
}
