/** The only place that reads the environment. Called by the apps' entrance, never at import time. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}
