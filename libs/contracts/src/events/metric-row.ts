import { field } from '../fields.js';

/** What every metric record carries (flat, always complete, the key repeated in the value). */
export class MetricRow {
  @field.text({ description: 'Primary key of the row; also the record key.', maxLength: 256 })
  row_id!: string;

  @field.integer({ description: 'Strictly growing per row_id; readers keep the greatest.', minimum: 1 })
  record_version!: number;

  @field.boolean({ description: 'The row is gone; everything else is null or last known.' })
  is_deleted!: boolean;

  @field.integer({ description: 'Version of the formulas.', minimum: 1 })
  definition_version!: number;

  @field.integer({ description: 'When the row was computed, epoch milliseconds.' })
  computed_at!: number;

  @field.text({ description: 'Shop or brand.', maxLength: 64 })
  tenant!: string;

  @field.text({
    description: 'Calendar that business seconds were taken from; null while there is none.',
    maxLength: 64,
    nullable: true,
  })
  calendar_id!: string | null;

  @field.integer({ description: 'Version of that calendar.', nullable: true })
  calendar_version!: number | null;
}
