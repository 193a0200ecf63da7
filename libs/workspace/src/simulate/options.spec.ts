import { parseOptions } from './options.js';

describe('the command line of npm run simulate', () => {
  it('has defaults that fit npm start', () => {
    expect(parseOptions(['meta'], '/work')).toEqual({
      vendor: 'meta',
      port: 4020,
      fanin: 'http://127.0.0.1:8080',
      prefix: 'my',
      tenant: 'default',
      caFile: '/work/.fanin/simulated-x-ca.pem',
      seed: undefined,
    });
  });

  it('takes everything', () => {
    const argv = ['x', '--port', '0', '--fanin', 'https://a.example/', '--prefix', 'shop', '--seed', '7'];
    expect(parseOptions([...argv, '--tenant', 'b', '--ca-file', 'ca.pem'], '/work')).toEqual({
      vendor: 'x',
      port: 0,
      fanin: 'https://a.example',
      prefix: 'shop',
      tenant: 'b',
      caFile: '/work/ca.pem',
      seed: 7,
    });
  });

  it('names all that is wrong at once', () => {
    const wrong = (): unknown =>
      parseOptions(['bell', '--port', 'x', '--fanin', 'here', '--prefix', 'A', '--seed', '-'], '/');
    expect(wrong).toThrow(/name one vendor: twilio, x, meta[^]*--port[^]*--fanin[^]*--prefix[^]*--seed/);
  });

  it('says nothing of vendors when help is wanted', () => expect(parseOptions(['--help'], '/')).toBeUndefined());
});
