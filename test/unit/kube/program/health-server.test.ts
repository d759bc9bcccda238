import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { HealthServer } from '../../../../src/kube/program/health-server.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { informerMetrics, workQueueMetrics } from '../../../../src/kube/program/metrics.js';

describe('health server', () => {
  let server: HealthServer;
  let base: string;
  let healthy = true;
  let problem: string | undefined;
  before(async () => {
    const registry = new Registry();
    const queue = workQueueMetrics(registry);
    queue.depth('q', 3);
    queue.done('q', 0.2, false);
    queue.retried('q');
    const informer = informerMetrics(registry);
    informer.event('/p', 'ADDED');
    informer.interrupted('/p', 'gone');
    informer.relisted('/p');
    informer.handlerFailed('/p');
    server = new HealthServer({
      listen: '127.0.0.1:0',
      log: silentLog,
      healthy: () => healthy,
      notReady: () => problem,
      isLeader: () => true,
      registry,
    });
    base = `http://127.0.0.1:${await server.start()}`;
  });
  after(() => server.stop());
  const get = async (path: string, method = 'GET'): Promise<[number, string]> => {
    const response = await fetch(base + path, { method });
    return [response.status, (await response.text()).trim()];
  };

  it('tells health, readiness with its reason, leadership and metrics', async () => {
    assert.deepEqual(await get('/healthz'), [200, 'ok']);
    healthy = false;
    assert.equal((await get('/healthz'))[0], 500);
    assert.deepEqual(await get('/readyz?verbose'), [200, 'ok']);
    problem = 'the cache is not filled';
    assert.deepEqual(await get('/readyz'), [503, problem]);
    assert.deepEqual(await get('/leader'), [200, '{"apiserver":{"leader":"true"}}']);
    const [code, text] = await get('/metrics');
    assert.equal(code, 200);
    assert.match(text, /kubevirt_workqueue_depth\{name="q"\} 3/);
    assert.match(text, /kubevirt_informer_interruptions_total\{path="\/p",reason="gone"\} 1/);
    assert.equal((await get('/other'))[0], 404);
    assert.equal((await get('/healthz', 'POST'))[0], 405);
  });
});
