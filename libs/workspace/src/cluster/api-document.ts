/** As much of an OpenAPI document as two of them need to become one. */
interface ApiDocument {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
  readonly tags?: readonly unknown[];
}

/** The documents of several services as one, for a reader who sees one address. Undefined when one does not answer. */
export async function mergedDocument(urls: readonly string[]): Promise<ApiDocument | undefined> {
  try {
    const documents = await Promise.all(urls.map(async (url) => (await (await fetch(url)).json()) as ApiDocument));
    return merge(documents);
  } catch {
    return undefined;
  }
}

export function merge([first, ...others]: readonly ApiDocument[]): ApiDocument | undefined {
  if (first === undefined) return undefined;
  return others.reduce(
    (all, next) => ({
      ...all,
      tags: [...(all.tags ?? []), ...(next.tags ?? [])],
      paths: Object.fromEntries(Object.entries({ ...all.paths, ...next.paths }).sort(([a], [b]) => (a < b ? -1 : 1))),
      components: {
        ...all.components,
        ...next.components,
        schemas: { ...all.components?.schemas, ...next.components?.schemas },
      },
    }),
    first,
  );
}
