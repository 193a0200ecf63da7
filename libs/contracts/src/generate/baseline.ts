import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonSchema } from '../json-schema.js';
import { layOut, type Artifact } from './artifacts.js';
import { breaksOf } from './compatibility.js';
import { contractsList, publishedSchema, routeBreaks, routesOf, schemaFile, type RouteEntry } from './registry.js';

const FOLDER = 'src/baseline';
const ROUTES_FILE = 'routes.json';

/** The contracts of the code against the released form that is committed below `folder`/src/baseline. */
export function breaksAgainstBaseline(folder: string): string[] {
  const baseline = join(folder, FOLDER);
  if (!existsSync(baseline)) return [];
  const current = new Map(contractsList().map((contract) => [schemaFile(contract), publishedSchema(contract)]));
  const routes = existsSync(join(baseline, ROUTES_FILE))
    ? readJson<Record<string, RouteEntry>>(join(baseline, ROUTES_FILE))
    : {};
  const schemaBreaks = readdirSync(baseline)
    .filter((file) => file.endsWith('.schema.json'))
    .flatMap((file) => {
      const name = file.replace('.schema.json', '');
      const schema = current.get(file);
      if (schema === undefined) return [`${name}: was removed; a version leaves only by a recorded decision`];
      return breaksOf(readJson<JsonSchema>(join(baseline, file)), schema).map((line) => `${name}: ${line}`);
    });
  return [...new Set([...schemaBreaks, ...routeBreaks(routes, routesOf(contractsList()))])];
}

/** Contracts that the baseline does not hold yet. */
export function unreleased(folder: string): string[] {
  return contractsList()
    .map(schemaFile)
    .filter((file) => !existsSync(join(folder, FOLDER, file)));
}

/** The contracts of the code as the files of a new baseline. */
export async function baselineArtifacts(folder: string): Promise<readonly Artifact[]> {
  const contracts = contractsList();
  const schemas = contracts.map((contract) => ({
    path: `${FOLDER}/${schemaFile(contract)}`,
    text: JSON.stringify(publishedSchema(contract)),
  }));
  const routes = { path: `${FOLDER}/${ROUTES_FILE}`, text: JSON.stringify(routesOf(contracts)) };
  return Promise.all(
    [...schemas, routes].map(async ({ path, text }) => ({ path, text: await layOut(`${folder}/${path}`, text) })),
  );
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
