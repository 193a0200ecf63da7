/** `ENOENT`, `EACCES` …: the system's own name for what went wrong with a file. */
export function fileErrorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
}
