import type { Page } from '../system/api.js';
import type { SystemUnderTest, Tenant } from '../system/system.js';
import { isSameRow } from './recount/metric-lines.js';

type Row = Readonly<Record<string, unknown>>;

/** Most that a page of the API holds. */
const PAGE = 200;

/** Where the API's metrics are not the rows that BI tools are shown, a line each. */
export async function apiLines(
  { api }: Pick<SystemUnderTest, 'api'>,
  shown: { readonly facts: readonly Row[]; readonly windows: readonly Row[] },
): Promise<readonly string[]> {
  const found: Row[] = [];
  for (const tenant of Object.keys(api) as Tenant[])
    for (const list of ['tickets?', 'windows?grain=hour&', 'windows?grain=day&'])
      for await (const row of everyRow(api[tenant], `/metrics/${list}limit=${PAGE}`)) found.push(row);
  const rows = new Map([...shown.facts, ...shown.windows].map((row) => [String(row['row_id']), row]));
  const lines =
    found.length === rows.size ? [] : [`the API has ${found.length} rows, ${rows.size} are shown to BI tools`];
  for (const row of found) {
    const id = String(row['row_id']);
    const other = rows.get(id);
    if (other === undefined || !isSameRow(row, other))
      lines.push(`the API shows ${id} in another way than BI tools see it`);
  }
  return lines;
}

async function* everyRow(api: SystemUnderTest['api'][Tenant], path: string): AsyncGenerator<Row> {
  for (let cursor = ''; ;) {
    const page = await api.get<Page<Row>>(`${path}${cursor}`);
    yield* page.data;
    if (page.next_cursor === null) return;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}
