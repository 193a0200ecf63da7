import { parseOptions } from './options.js';

describe('npm run services: command line', () => {
  it('starts one broker in .services by default', () => {
    expect(parseOptions([], '/somewhere')).toEqual({
      command: 'start',
      dir: '/somewhere/.services',
      brokers: 1,
      kafkaPort: 9092,
      postgresPort: 5433,
    });
  });

  it('takes a command and options in any order', () => {
    expect(
      parseOptions(['--brokers', '3', 'stop', '--dir', '/tmp/s', '--kafka-port', '0'], '/somewhere'),
    ).toMatchObject({
      command: 'stop',
      dir: '/tmp/s',
      brokers: 3,
      kafkaPort: 0,
    });
  });

  it.each([
    [['frob'], /unknown command frob/],
    [['start', 'stop'], /one command at a time/],
    [['--brokers', '2'], /--brokers takes 1 or 3, not 2/],
    [['--kafka-port', 'x'], /--kafka-port takes a port/],
    [['--postgres-port', '70000'], /--postgres-port takes a port/],
    [['--nonsense'], /nonsense/],
  ])('refuses %j with a sentence', (argv, message) => {
    expect(() => parseOptions(argv, '/somewhere')).toThrow(message);
  });
});
