import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { keepPolicyStatus } from '../../../../src/controller/policies/keep-policy-status.js';
import { policyFleetMetrics } from '../../../../src/controller/policies/metrics.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { informerMetrics, workQueueMetrics } from '../../../../src/kube/program/metrics.js';
import type { VirtualMachinePolicy, VirtualMachinePolicyException } from '../../../../src/api/schema/policies.js';
import { FakeClock } from '../../kube/fake-clock.js';
import { exception, NOW, policy } from '../../webhook/policies/support.js';

describe('The status of policies in an installation that was updated without its CRDs', () => {
  it('waits until their kinds are served, and says so once', async () => {
    const clock = new FakeClock();
    const said: string[] = [];
    let asked = 0;
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_fields: object, message: string) => void said.push(message),
      error: () => undefined,
    };
    const registry = new Registry();
    const stopping = new AbortController();
    const kept = keepPolicyStatus(
      {
        client: {
          list: () => {
            asked += 1;
            return Promise.reject(new ApiError({ code: 404, reason: 'NotFound', message: 'no such kind' }));
          },
          watch: () => assert.fail('nothing is there to be watched'),
          patch: () => assert.fail('nothing is there to be written'),
        },
        recorder: { event: () => undefined },
        clock,
        log,
        pausedUntil: () => undefined,
        onSettings: () => undefined,
        metrics: {
          informer: informerMetrics(registry),
          queue: workQueueMetrics(registry),
          policies: policyFleetMetrics(registry),
        },
      },
      stopping.signal,
    );
    for (let minutes = 0; minutes < 3; minutes += 1) await clock.advance(60_000);
    assert.equal(asked, 4);
    assert.deepEqual(said, ['the kinds of policies are not installed: apply manifests/crds to use policies']);
    stopping.abort();
    await kept;
  });
});

describe('The metrics of policies', () => {
  it('count what is paused, not ready and excepted, and when the next exception ends', async () => {
    const registry = new Registry();
    const metrics = policyFleetMetrics(registry);
    const value = async (name: string): Promise<unknown> => {
      const text = await registry.metrics();
      return new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1];
    };
    assert.equal(await value('kubevirt_policy_next_exception_expiry_seconds'), 'Nan');
    const until = new Date(NOW + 60_000).toISOString();
    const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
    metrics.watch({
      policies: () =>
        [
          { ...policy({}, { annotations: { 'policies.kubectl-virt.io/paused-until': until } }), status: ready },
          policy(),
        ] as VirtualMachinePolicy[],
      exceptions: () =>
        [
          { ...exception(), status: { state: 'Active' } },
          { ...exception({ expiresAt: '2026-12-01T00:01:00Z' }), status: { state: 'Active' } },
          { ...exception({ expiresAt: '2026-11-01T00:00:00Z' }), status: { state: 'Expired' } },
        ] as VirtualMachinePolicyException[],
      now: () => NOW,
    });
    assert.equal(await value('kubevirt_policy_paused'), '1');
    assert.equal(await value('kubevirt_policy_not_ready'), '1');
    assert.equal(await value('kubevirt_policy_exceptions\\{state="Active"\\}'), '2');
    assert.equal(await value('kubevirt_policy_exceptions\\{state="Expired"\\}'), '1');
    assert.equal(await value('kubevirt_policy_next_exception_expiry_seconds'), '60');
  });
});
