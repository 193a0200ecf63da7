import { together } from './together.js';

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 5));
const failing = (message: string, ms: number): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(message)), ms));

describe('together', () => {
  it('answers in the order of the statements, and takes what is no promise as it is', async () => {
    expect(await together(later('a'), undefined, Promise.resolve(2))).toEqual(['a', undefined, 2]);
    expect(await together()).toEqual([]);
  });

  it('rejects with the first failure in that order, however early a later one came, when all are answered', async () => {
    let answered = false;
    const slow = later(1).then(() => (answered = true));
    await expect(together(later(0), failing('the cause', 4), failing('only for it', 1), slow)).rejects.toThrow(
      'the cause',
    );
    expect(answered).toBe(true);
  });
});
