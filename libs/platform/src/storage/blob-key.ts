/** Keys are made by us; one that could leave its folder is a bug. */
export function checkKey(key: string): string {
  const parts = key.split('/');
  const good = key.length <= 500 && parts.every((part) => /^[A-Za-z0-9._-]+$/.test(part) && !/^\.+$/.test(part));
  if (!good) throw new TypeError('a blob key holds only A-Z a-z 0-9 . _ - between slashes');
  return key;
}
