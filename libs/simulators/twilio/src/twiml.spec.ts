import twilio from 'twilio';
import { parseTwiml, TwimlError } from './twiml.js';

describe('a TwiML document', () => {
  it('made by the SDK is read back as it was meant', () => {
    const made = new twilio.twiml.VoiceResponse();
    const gather = made.gather({ action: '/a?b=1&c=2', numDigits: 1 });
    gather.say({ language: 'de-DE' }, 'Grüße & "mehr" <1>');
    made.record({ maxLength: 119, transcribe: true });
    const [first, second] = parseTwiml(made.toString());
    expect(first?.attributes).toEqual({ action: '/a?b=1&c=2', numDigits: '1' });
    expect(first?.children[0]).toMatchObject({ name: 'Say', text: 'Grüße & "mehr" <1>' });
    expect(second).toMatchObject({ name: 'Record', attributes: { maxLength: '119', transcribe: 'true' } });
  });

  it('takes comments, CDATA and numeric entities', () => {
    const [say] = parseTwiml('<Response><!-- hi --><Say>a&#252;&#xFC;<![CDATA[<b> & c]]></Say></Response>');
    expect(say?.text).toBe('aüü<b> & c');
  });

  it.each([
    'hello',
    '{"ok":true}',
    '<Say>no response</Say>',
    '<Response><Say>open</Response>',
    '<Response><Say>a & b</Say></Response>',
    '<Response><Say voice=x>a</Say></Response>',
    '<Response><Say a="1" a="2">a</Say></Response>',
    '<Response></Response><Response/>',
    '<Response>',
    '</Response>',
  ])('that is broken is refused: %s', (source) => {
    expect(() => parseTwiml(source)).toThrow(TwimlError);
  });
});
