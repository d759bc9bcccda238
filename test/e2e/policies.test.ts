import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { policyPath } from '../../src/kube/client/resources.js';
import { ifFound } from '../../src/kube/client/if-found.js';
import { needsTestBed } from './support/bed.js';
import { api, apply, get, list, patch } from './support/api.js';
import { run, until, type Outcome } from './support/kubectl.js';
import { machine, removeWhole, tinySpec, untilEvent, useNamespace } from './support/machines.js';

/*
 * What a platform team does on a cluster: a policy, wrong first; a VM that it refuses, warns of, counts and excepts;
 * and a VM that was there before. No guest starts: what is asked is whether its VMI is made.
 */

const CLUSTER = 'VirtualMachineClusterPolicy';
const NAME = 'e2e-vm-size';

/** Waits for no node. */
const nowhere = (cores: number) =>
  tinySpec({
    nodeSelector: { 'e2e.kubectl-virt.io/nowhere': 'true' },
    domain: { ...tinySpec().domain, cpu: { cores } },
  });

describe('policies', function () {
  this.timeout(300_000);
  before(function () {
    needsTestBed(this, 'policies');
  });
  const NS = useNamespace('e2e-policies');
  // Other tests run beside this one.
  const policy = (spec: object = {}): object => ({
    apiVersion: 'policies.kubectl-virt.io/v1alpha1',
    kind: CLUSTER,
    metadata: { name: NAME },
    spec: {
      action: 'Enforce',
      match: { namespaces: [NS] },
      validations: [
        {
          name: 'vcpus',
          expression: 'variables.vcpus <= 2',
          messageExpression: "'%d vCPUs'.format([variables.vcpus])",
          remedy: 'ask platform@example.com',
        },
      ],
      ...spec,
    },
  });
  const write = (object: object, verb = 'apply'): Promise<Outcome> =>
    run('kubectl', [verb, '-n', NS, '-f', '-'], JSON.stringify(object));
  const allowed = async (object: object): Promise<void> => {
    const { code, stderr } = await write(object);
    assert.equal(code, 0, stderr);
  };
  const dryRun = (cores: number, name = 'web'): Promise<Outcome> =>
    run('kubectl', ['create', '--dry-run=server', '-f', '-'], JSON.stringify(machine(NS, name, {}, nowhere(cores))));
  const answer = (what: string, cores: number, holds: (outcome: Outcome) => boolean): Promise<true> =>
    until(what, async () => holds(await dryRun(cores)), { seconds: 30, namespace: NS });
  const REFUSED = /cpu\.cores: 4 vCPUs; ask platform@example\.com \[policy\/e2e-vm-size\/vcpus\]/;

  after(async () => {
    const client = await api();
    await ifFound(client.delete(policyPath(CLUSTER, undefined, NAME)));
    await removeWhole(NS, 'vm', ['old', 'db-1']);
  });

  it('are refused with the place of a mistake, and stored when they are right', async () => {
    await apply(machine(NS, 'old', { running: false }, nowhere(4)));
    const expression = 'object.spec.template.spec.domain.cpu.coers <= 2';
    const { code, stderr } = await write(policy({ validations: [{ name: 'vcpus', expression }] }));
    assert.notEqual(code, 0);
    assert.match(stderr, /spec\.validations\[0\]\.expression: ?1:\d+: VirtualMachine has no field "coers"/);
    assert.match(stderr, /did you mean "cores"\?/);
    await allowed(policy());
  });

  it('refuse a VM within seconds on every replica, and let another pass', async () => {
    await answer('a VM of four vCPUs is refused', 4, ({ stderr }) => REFUSED.test(stderr));
    // Through the Service, whose replicas take turns.
    for (let i = 0; i < 5; i += 1) assert.match((await dryRun(4)).stderr, REFUSED);
    assert.equal((await dryRun(2)).code, 0);
  });

  it('let a VM that was there before be labelled, started, with an event, and deleted', async () => {
    const { code, stderr } = await run('kubectl', ['label', '-n', NS, 'vm', 'old', 'team=blue']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Warning: .*the stored object has it too/);
    await patch(NS, 'vm', 'old', { spec: { running: true } });
    await until('its VMI is made', async () => (await get<VirtualMachineInstance>(NS, 'vmi', 'old')) !== undefined, {
      seconds: 60,
      namespace: NS,
    });
    await untilEvent(NS, 'old', 'PolicyRatcheted', 60);
    await removeWhole(NS, 'vm', ['old']);
  });

  it('let an exception off until its time, and not longer', async () => {
    const seconds = 25;
    const exception = {
      apiVersion: 'policies.kubectl-virt.io/v1alpha1',
      kind: 'VirtualMachinePolicyException',
      metadata: { name: 'db', namespace: NS },
      spec: {
        policies: [{ name: NAME }],
        match: { names: ['db-*'] },
        conditions: [{ name: 'limit', expression: 'variables.vcpus <= 8' }],
        reason: 'Reporting database until it is split',
        owner: 'team-db@example.com',
        expiresAt: new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
      },
    };
    await allowed(exception);
    const excepted = (cores: number, holds: (outcome: Outcome) => boolean): Promise<true> =>
      until('the exception holds', async () => holds(await dryRun(cores, 'db-1')), { seconds: 60, namespace: NS });
    await excepted(4, ({ code }) => code === 0);
    assert.match((await dryRun(16, 'db-1')).stderr, /16 vCPUs/);
    assert.match((await dryRun(4, 'web')).stderr, REFUSED);
    await excepted(4, ({ stderr }) => REFUSED.test(stderr));
  });

  it('warn, count in silence, and refuse again', async () => {
    const act = (action: string): Promise<unknown> =>
      api().then((client) => client.patch(policyPath(CLUSTER, undefined, NAME), { spec: { action } }, 'merge'));
    await act('Warn');
    await answer('it warns', 4, ({ code, stderr }) => code === 0 && /Warning: .*4 vCPUs/.test(stderr));
    await act('Audit');
    await answer('it is silent', 4, ({ code, stderr }) => code === 0 && stderr === '');
    await act('Enforce');
    await answer('it refuses', 4, ({ stderr }) => REFUSED.test(stderr));
    assert.equal((await list(NS, 'vm')).length, 0);
  });
});
