import { silentLogger, type Logger } from '@fanin/kernel';
import { createPrometheusMetrics } from './prometheus-metrics.js';

describe('metrics', () => {
  it('counts, sets and observes, each instance by itself', async () => {
    const [a, b] = [
      createPrometheusMetrics({ service: 'a', logger: silentLogger }),
      createPrometheusMetrics({ service: 'b', logger: silentLogger }),
    ];
    a.count('fanin_test_total', { channel: 'email' });
    a.count('fanin_test_total', { channel: 'email' }, 2);
    a.gauge('fanin_test_rows', {}, 7);
    a.observe('fanin_test_seconds', { step: 'x' }, 0.03);
    const text = await a.text();
    expect(text).toMatch('fanin_test_total{channel="email",service="a"} 3');
    expect(text).toMatch('fanin_test_rows{service="a"} 7');
    expect(text).toMatch('fanin_test_seconds_bucket{le="0.05",service="a",step="x"} 1');
    expect(await b.text()).not.toMatch('fanin_test');
    a.close();
    b.close();
  });

  it('never lets a slip in a label stop the work, and tells of it once', async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
    const metrics = createPrometheusMetrics({ service: 'a', logger });
    metrics.count('fanin_test_total', { channel: 'email' });
    metrics.count('fanin_test_total', { channel: 'chat', extra: 'x' });
    metrics.count('fanin_test_total', { extra: 'x' });
    expect(warnings).toHaveLength(1);
    expect(await metrics.text()).toMatch('fanin_test_total{channel="chat",service="a"} 1');
    expect(() => metrics.gauge('fanin_test_total', {}, 1)).toThrow(TypeError);
    metrics.close();
  });
});
