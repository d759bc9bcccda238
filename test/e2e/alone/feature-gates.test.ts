import assert from 'node:assert/strict';
import { apply } from '../support/api.js';
import { changeGates } from '../support/gates.js';
import { until } from '../support/kubectl.js';
import { instance, tinySpec, useNamespace } from '../support/machines.js';

describe('a feature gate that is closed', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-gates');
  let wasOpen = false;

  before('it is closed', () =>
    changeGates((gates) => {
      wasOpen ||= gates.includes('DownwardMetrics');
      return gates.filter((gate) => gate !== 'DownwardMetrics');
    }),
  );
  after('as it was', () => changeGates((gates) => (wasOpen ? [...new Set([...gates, 'DownwardMetrics'])] : gates)));

  it('has downward metrics refused, by its name', async () => {
    const spec = tinySpec({ volumes: [...(tinySpec().volumes ?? []), { name: 'metrics', downwardMetrics: {} }] });
    spec.domain.devices.disks = ['root', 'metrics'].map((name) => ({ name, disk: { bus: 'virtio' } }));
    let attempts = 0;
    // The webhook hears of it by its watch.
    const refusal = await until('a refusal', () =>
      apply(instance(namespace, `off-${(attempts += 1)}`, spec)).then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    );
    assert.match(refusal, /spec\.volumes\[1\]\.downwardMetrics.*DownwardMetrics/s);
  });
});
