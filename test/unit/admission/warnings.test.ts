import assert from 'node:assert/strict';
import fc from 'fast-check';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext, AdmissionRequest } from '../../../src/admission/types.js';
import { WARNING_EXAMPLES, type WarningExample } from '../../../src/admission/warnings/examples.js';
import { MAX_WARNING, renderWarning, WARNINGS } from '../../../src/admission/warnings/index.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { KubeVirtConfiguration } from '../../../src/api/schema/kubevirt-configuration.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';

const DISABLED = 'admission.kubectl-virt.io/disabled-warnings';
const context = (configuration: KubeVirtConfiguration = {}, disabled = ''): AdmissionContext => ({
  config: resolveClusterConfig({ metadata: { annotations: { [DISABLED]: disabled } }, spec: { configuration } }),
  newUuid: () => '7d9c3a9e-8c6c-4b52-9a52-0f6d0f0e9c11',
});

type Kind = AdmissionRequest['kind'];
const warningsFor = (
  change: Change,
  kind: Kind = 'VirtualMachineInstance',
  more: Partial<AdmissionRequest> = {},
  admission = context(),
) => {
  const object = manifest(change, kind);
  const request: AdmissionRequest = { kind, operation: 'CREATE', object, user: { username: 'alice' }, ...more };
  const { causes, warnings } = admit(request, admission);
  assert.deepEqual(causes, [], 'the object is admitted');
  return warnings;
};
const idsFor = (...args: Parameters<typeof warningsFor>): string[] => warningsFor(...args).map(({ id }) => id);

const MACHINES = ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'] as const;
/** The same change in a template. */
const inTemplate = (change: Change): Change =>
  Object.fromEntries(
    Object.entries(change).map(([path, value]) => [path === 'apiVersion' ? path : `spec.template.${path}`, value]),
  );

describe('admission warnings', () => {
  it('have unique ids and an example each, and every example a warning', () => {
    const ids = WARNINGS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual([...ids].sort(), Object.keys(WARNING_EXAMPLES).sort());
    for (const id of ids) assert.match(id, /^W-[A-Z]{3,4}-\d$/);
  });

  for (const [id, { kind, warns, silent }] of Object.entries<WarningExample>(WARNING_EXAMPLES)) {
    describe(id, () => {
      it('is given once, for its field, on one line', () => {
        const [change, field] = warns;
        const own = warningsFor(change, kind).filter((warning) => warning.id === id);
        assert.deepEqual(
          own.map((warning) => warning.field),
          [field],
        );
        const text = renderWarning(own[0]!);
        assert.ok(text.length <= MAX_WARNING && text.endsWith(` [${id}]`) && !text.includes('\n'), text);
        assert.ok(!text.includes('…'), `is cut: ${text}`);
      });
      it('is not given without need', () => {
        for (const change of silent) assert.ok(!idsFor(change, kind).includes(id), JSON.stringify(change));
      });
      it('can be switched off', () => {
        for (const pattern of [id, `W-XXX-1,  ${id}`, `${id.slice(0, -1)}*`, '*']) {
          const [change] = warns;
          const object = manifest(change, kind);
          if (kind === 'KubeVirt') {
            // It says so itself; what it names wrongly is what W-SET-1 is about.
            const metadata = object['metadata'] as { annotations?: object };
            metadata.annotations = { [DISABLED]: pattern };
          }
          const found = idsFor(change, kind, { object }, context({}, pattern));
          assert.ok(!found.includes(id), pattern);
        }
      });
      if (kind === undefined) {
        it('is given for templates, at their paths', () => {
          const [change, field] = warns;
          for (const machine of MACHINES) {
            const own = warningsFor(inTemplate(change), machine).filter((warning) => warning.id === id);
            const expected = field === 'apiVersion' ? field : `spec.template.${field}`;
            assert.deepEqual(
              own.map((warning) => warning.field),
              [expected],
              machine,
            );
            for (const each of silent) assert.ok(!idsFor(inTemplate(each), machine).includes(id));
          }
        });
      }
    });
  }

  it('say nothing about a plain VM, whatever its kind', () => {
    for (const kind of ['VirtualMachineInstance', ...MACHINES, 'KubeVirt'] as const)
      assert.deepEqual(idsFor({}, kind), []);
  });

  it('say nothing about an object that is refused', () => {
    const object = manifest({ 'spec.domain.cpu.cores': 4, 'spec.hostname': 'A' });
    const outcome = admit({ kind: 'VirtualMachineInstance', operation: 'CREATE', object }, context());
    assert.equal(outcome.causes.length, 1);
    assert.deepEqual(outcome.warnings, []);
  });

  it('are for people: our own programs get none', () => {
    const user = { username: 'system:serviceaccount:kubevirt:virt-controller' };
    assert.deepEqual(idsFor({ 'spec.domain.cpu.cores': 4 }, 'VirtualMachineInstance', { user }), []);
  });

  describe('of an update', () => {
    const update = (before: Change, after: Change, kind: Kind = 'VirtualMachine'): string[] =>
      idsFor(after, kind, { operation: 'UPDATE', oldObject: manifest(before, kind) });
    const cores = { 'spec.template.spec.domain.cpu.cores': 4 };
    it('are given when the spec or an annotation that matters changes', () => {
      assert.deepEqual(update({}, cores), ['W-CPU-1']);
      assert.deepEqual(update(cores, { ...cores, 'metadata.annotations': { VirtletVCPUCount: '4' } }), [
        'W-ANN-1',
        'W-CPU-1',
      ]);
      const kubevirt = { 'spec.configuration.developerConfiguration.memoryOvercommit': 200 };
      assert.deepEqual(update({}, kubevirt, 'KubeVirt'), ['W-MEM-3']);
    });
    it('are not given of a size that an instance type chose', () => {
      const sized = (name: string, domain: object): string[] => {
        const own = { 'spec.instancetype': name === '' ? undefined : { name }, 'spec.template.spec.domain': domain };
        return idsFor(own, 'VirtualMachine').filter((id) => id === 'W-CPU-1' || id === 'W-MEM-2');
      };
      const resources = { requests: { memory: '2Gi' } };
      assert.deepEqual(sized('', { devices: {}, cpu: { cores: 2 }, memory: { guest: '4Gi' }, resources }), [
        'W-CPU-1',
        'W-MEM-2',
      ]);
      for (const name of ['u1.2xmedium', 'o1.medium']) assert.deepEqual(sized(name, { devices: {} }), []);
    });
    it('are not given when nothing changes that they are about', () => {
      assert.deepEqual(update(cores, cores), []);
      assert.deepEqual(update(cores, { ...cores, 'metadata.labels': { a: 'b' } }), []);
      assert.deepEqual(update(cores, { ...cores, 'metadata.annotations': { note: 'x' } }), []);
    });
    it('are not given for a VMI, whose spec cannot change', () => {
      const stored = { 'spec.domain.cpu.cores': 4 };
      assert.deepEqual(update(stored, { ...stored, 'metadata.labels': { a: 'b' } }, 'VirtualMachineInstance'), []);
    });
  });

  describe('of CPU', () => {
    const [CPU, RES] = ['spec.domain.cpu', 'spec.domain.resources'];
    const text = (change: Change, configuration: KubeVirtConfiguration = {}): string =>
      warningsFor(change, 'VirtualMachineInstance', {}, context(configuration)).map(renderWarning).join('\n');
    it('tell how much CPU the vCPUs share: the request, the limit, the cluster’s default or the ratio', () => {
      assert.match(text({ [`${CPU}.cores`]: 4 }), /: 4 vCPUs share 400m of CPU; one vCPU/);
      assert.match(text({ [`${CPU}.cores`]: 4 }, { developerConfiguration: { cpuAllocationRatio: 1 } }), /^$/);
      assert.match(text({ [`${CPU}.cores`]: 4, [`${RES}.limits.cpu`]: '2' }), /4 vCPUs share 2 of CPU/);
      assert.match(text({ [`${CPU}.cores`]: 4 }, { cpuRequest: '250m' }), /4 vCPUs share 250m of CPU/);
      assert.match(text({ 'metadata.annotations': { VirtletVCPUCount: '8' } }), /8 vCPUs share 800m/);
      assert.match(text({ [`${RES}.requests.cpu`]: '1500m', [`${RES}.limits.cpu`]: '1500m' }), /2 vCPUs share 1500m/);
    });
    it('do not blame the user for the request that the cluster gives', () => {
      assert.doesNotMatch(text({}, { cpuRequest: '250m' }), /W-CPU-3/);
      assert.match(text({ [`${RES}.requests.cpu`]: '250m' }), /W-CPU-3/);
    });
    it('say the same of a template as of its VMI', () => {
      const annotations = { VirtletVCPUCount: '3' };
      const changes: Change[] = [
        { [`${CPU}.cores`]: 4 },
        { 'metadata.annotations': annotations },
        { [`${RES}.requests`]: { memory: '1Gi', cpu: '1500m' } },
        { [`${RES}.limits`]: { memory: '1Gi' }, [`${CPU}.sockets`]: 2 },
        { [`${RES}.limits`]: { memory: '1Gi', cpu: '2' } },
      ];
      for (const configuration of [{}, { cpuRequest: '250m' }, { cpuRequest: '3' }]) {
        for (const change of changes) {
          const admission = context(configuration);
          assert.deepEqual(
            idsFor(inTemplate(change), 'VirtualMachine', {}, admission),
            idsFor(change, 'VirtualMachineInstance', {}, admission),
            JSON.stringify([change, configuration]),
          );
        }
      }
    });
  });

  it('suggest what was meant', () => {
    const message = (change: Change, kind?: Kind): string =>
      warningsFor(change, kind)
        .map((w) => w.message)
        .join();
    assert.match(
      message({ 'metadata.annotations': { VirtletCPUModle: 'host-model' } }),
      /did you mean VirtletCPUModel\?/,
    );
    const gates = { 'spec.configuration.developerConfiguration.featureGates': ['HostDisks', 'Nonsense'] };
    assert.match(message(gates, 'KubeVirt'), /"HostDisks"; did you mean HostDisk\?,.*"Nonsense"; remove it/);
    assert.match(
      message({ 'metadata.annotations': { [DISABLED]: 'W-CPU1' } }, 'KubeVirt'),
      /did you mean W-CPU-[01]\?/,
    );
  });

  it('fit on a line of the API server, whatever they are about', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), fc.string({ maxLength: 500 }), (field, message) => {
        const text = renderWarning({ id: 'W-CPU-1', field, message });
        assert.ok(text.length <= MAX_WARNING && text.endsWith(' [W-CPU-1]'));
      }),
    );
  });
});
