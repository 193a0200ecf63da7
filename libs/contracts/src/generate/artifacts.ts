import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';
import { asyncApiDocument } from './async-api.js';
import { contractsList, publishedSchema, schemaFile } from './registry.js';

/** A committed file that is made from the contracts; `path` is relative to libs/contracts. */
export interface Artifact {
  readonly path: string;
  readonly text: string;
}

const YAML_HEADING = '# Made from the contracts by `npm run contracts:update`; do not edit.\n';

/** All generated files as they must be committed, laid out by the prettier settings of the repository. */
export async function artifactsOf(folder: string): Promise<readonly Artifact[]> {
  const schemas = contractsList().map((contract) => ({
    path: `src/schemas/${schemaFile(contract)}`,
    text: JSON.stringify(publishedSchema(contract)),
  }));
  const asyncApi = {
    path: 'asyncapi.yaml',
    text: YAML_HEADING + stringify(asyncApiDocument(), { aliasDuplicateObjects: false, lineWidth: 0 }),
  };
  return Promise.all(
    [...schemas, asyncApi].map(async ({ path, text }) => ({ path, text: await layOut(`${folder}/${path}`, text) })),
  );
}

export async function layOut(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}
