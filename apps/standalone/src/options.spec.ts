import { readOptions } from './options.js';

describe('options of standalone', () => {
  it('has defaults that need nothing', () => {
    expect(readOptions([], {})).toMatchObject({
      data: expect.stringMatching(/\/\.fanin$/),
      httpPort: undefined,
      smtpPort: undefined,
      config: undefined,
      demo: true,
      help: false,
    });
  });

  it('takes the command line before the environment', () => {
    const env = {
      FANIN_DATA: '/env',
      FANIN_HTTP_PORT: '81',
      FANIN_SMTP_PORT: '82',
      FANIN_CONFIG: 'env.yaml',
      FANIN_NO_DEMO: '1',
    };
    expect(readOptions([], env)).toMatchObject({
      data: '/env',
      httpPort: 81,
      smtpPort: 82,
      config: 'env.yaml',
      demo: false,
    });
    const argv = ['--data', '/own', '--http-port=0', '--smtp-port', '92', '--config', 'own.yaml', '--no-demo'];
    expect(readOptions(argv, env)).toMatchObject({
      data: '/own',
      httpPort: 0,
      smtpPort: 92,
      config: 'own.yaml',
      demo: false,
    });
  });

  it.each([
    [['--http-port', 'many'], /--http-port many is no port/],
    [['--smtp-port', '70000'], /--smtp-port 70000 is no port/],
    [['--dat', 'x'], /'--dat'.*--help/],
    [['--data'], /--data/],
  ])('refuses %j with what to do', (argv, message) => {
    expect(() => readOptions(argv, {})).toThrow(message);
  });
});
