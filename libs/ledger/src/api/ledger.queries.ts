import { CHANNEL_FAMILIES, FATES, field } from '@fanin/contracts';
import { INSTANT, PageQuery } from '@fanin/platform';

export class FatesQuery {
  @field.oneOf(CHANNEL_FAMILIES, { description: 'Only this channel family.', optional: true, example: 'email' })
  channel?: string;

  @field.text({
    description: 'Captured at or after, ISO 8601.',
    optional: true,
    pattern: INSTANT,
    example: '2026-11-21T00:00:00Z',
  })
  from?: string;

  @field.text({
    description: 'Captured before, ISO 8601.',
    optional: true,
    pattern: INSTANT,
    example: '2026-11-22T00:00:00Z',
  })
  to?: string;
}

export class DeliveriesQuery extends PageQuery {
  @field.oneOf([...FATES, 'in_flight'], {
    description: 'Only deliveries with a part of this fate; in_flight: nothing decided yet.',
    optional: true,
    example: 'suppressed',
  })
  fate?: string;

  @field.text({ description: 'Only where this rule decided.', optional: true, maxLength: 64, example: 'auto_reply' })
  rule?: string;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Only this channel family.', optional: true, example: 'email' })
  channel?: string;
}
