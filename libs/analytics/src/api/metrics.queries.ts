import { CHANNEL_FAMILIES, field, PRIORITIES, TICKET_STATUSES } from '@fanin/contracts';
import { INSTANT, PageQuery } from '@fanin/platform';

const from = field.text({
  description: 'At or after, ISO 8601.',
  optional: true,
  pattern: INSTANT,
  example: '2026-11-21T00:00:00Z',
});
const to = field.text({
  description: 'Before, ISO 8601.',
  optional: true,
  pattern: INSTANT,
  example: '2026-11-22T00:00:00Z',
});
const channel = field.oneOf(CHANNEL_FAMILIES, {
  description: 'Only this channel family.',
  optional: true,
  example: 'email',
});
const team = field.text({
  description: 'Only this team; empty for tickets of no team.',
  optional: true,
  maxLength: 128,
  example: 'billing',
});
const priority = field.oneOf(PRIORITIES, { description: 'Only this priority.', optional: true, example: 'urgent' });

export class TicketFactsQuery extends PageQuery {
  @from from?: string;
  @to to?: string;
  @channel channel?: string;
  @team team_id?: string;
  @priority priority?: string;

  @field.oneOf(TICKET_STATUSES, { description: 'Only this status.', optional: true, example: 'open' })
  status?: string;

  @field.oneOf(['unreplied', 'unsolved', 'reopened', 'solved', 'replied'], {
    description: 'Only tickets behind a number of the page.',
    optional: true,
    example: 'unreplied',
  })
  having?: string;
}

export class WindowsQuery extends PageQuery {
  @field.oneOf(['hour', 'day'], { description: 'Length of the windows.', example: 'hour' })
  grain!: string;

  @from from?: string;
  @to to?: string;
  @channel channel?: string;
  @team team_id?: string;
  @priority priority?: string;
}

export class SummaryQuery {
  @from from?: string;
  @to to?: string;
  @channel channel?: string;
  @team team_id?: string;
  @priority priority?: string;
}
