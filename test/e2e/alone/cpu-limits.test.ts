import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { needsTestBed } from '../support/bed.js';
import { inGuest } from '../support/guest.js';
import { apply, get, remove } from '../support/api.js';
import { instance, tinySpec, untilGone, untilPhase, useNamespace } from '../support/machines.js';
import { until } from '../support/kubectl.js';

const CPU = existsSync('/sys/fs/cgroup/cgroup.controllers') ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu';
const THREADS = CPU === '/sys/fs/cgroup' ? 'cgroup.threads' : 'tasks';
const SECONDS = 20;

describe('a VM with a CPU limit', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-cpu-limits');
  before(function () {
    needsTestBed(this, 'its cgroups are looked at on the node');
  });

  it('uses its limit and no more, its busy vCPUs equal parts of it', async () => {
    const spec = tinySpec({ terminationGracePeriodSeconds: 0 });
    spec.domain.cpu = { cores: 2 };
    spec.domain.resources = { requests: { memory: '128Mi' }, limits: { cpu: '500m' } };
    await apply(instance(namespace, 'busy', spec));
    await untilPhase(namespace, 'busy', 'Running', 360);
    const { status } = (await get<VirtualMachineInstance>(namespace, 'vmi', 'busy')) ?? {};
    const uid = Object.keys(status?.activePods ?? {})[0] ?? 'none';
    const emulator = await until('the cgroups of the VM', () =>
      Promise.resolve(
        execFileSync('find', [CPU, '-type', 'd', '-name', 'emulator', '-path', `*${uid}*`], {
          encoding: 'utf8',
        }).trim(),
      ),
    );
    const container = emulator.slice(0, -'/emulator'.length);
    const threads = (group: string): string[] =>
      readFileSync(`${container}/${group}/${THREADS}`, 'utf8').split('\n').filter(Boolean);
    const used = (group: string): number =>
      threads(group)
        .map((id) => Number(readFileSync(`/proc/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e9)
        .reduce((sum, seconds) => sum + seconds, 0);
    assert.equal(threads('vcpu0').length, 1);
    assert.equal(threads('vcpu1').length, 1);

    await inGuest(namespace, 'busy', (shell) =>
      shell.run('for i in 1 2; do (while :; do :; done) >/dev/null 2>&1 & done'),
    );
    await sleep(2_000);
    const groups = ['vcpu0', 'vcpu1', 'emulator'];
    const [begin, before] = [performance.now(), groups.map(used)];
    await sleep(SECONDS * 1000);
    const seconds = (performance.now() - begin) / 1000;
    const rates = groups.map((group, index) => (used(group) - before[index]!) / seconds);
    process.stdout.write(
      `      ${groups.map((group, index) => `${group} ${rates[index]!.toFixed(3)}`).join(', ')} of a CPU\n`,
    );
    const [first = 0, second = 0] = rates;
    const total = rates.reduce((sum, rate) => sum + rate, 0);
    // Its limit is its quota; less only where others of this machine take its turn.
    assert.ok(total <= 0.525 && total > 0.4, `all of it ${total.toFixed(3)}`);
    assert.ok(Math.abs(first - second) <= 0.05 * Math.max(first, second), `${first} and ${second}`);
    await remove(namespace, 'vmi', 'busy');
    await untilGone(namespace, 'vmi', 'busy', 240);
    assert.ok(!existsSync(container), 'the cgroups go with the pod');
  });
});
