import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mutate } from '../../../src/admission/mutate.js';
import { traceInstance, traceVirtualMachine } from '../../../src/admission/trace.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { INSTANCE_DEFAULTS } from '../../../src/mutators/instance.js';
import { EXAMPLES } from '../../../src/validators/examples.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';

const context = (configuration: object = {}): AdmissionContext => ({
  config: resolveClusterConfig({ spec: { configuration } }),
  newUuid: () => '11111111-1111-4111-8111-111111111111',
  now: () => '2026-01-31T12:00:00Z',
});
const vmi = (change: Record<string, unknown> = {}) => manifest(change) as unknown as VirtualMachineInstance;

describe('traced defaults', () => {
  it('name the default, the path, the old and the new value, in order', () => {
    const { applied } = traceInstance(
      vmi({ 'spec.domain.devices.disks[0].disk': { bus: '' }, 'spec.domain.cpu': { cores: 2 } }),
      context({ cpuRequest: '250m' }),
    );
    const one = (id: string) => applied.find((each) => each.id === id)?.changes;
    assert.deepEqual(one('mut.disk-bus'), [
      { path: 'spec.domain.devices.disks[0].disk.bus', before: '', after: 'sata' },
    ]);
    assert.deepEqual(one('mut.cpu-request-cluster'), [{ path: 'spec.domain.resources.requests.cpu', after: '250m' }]);
    assert.equal(one('mut.cpu-topology'), undefined, 'a topology is there');
    const places = applied.map(({ id }) => INSTANCE_DEFAULTS.findIndex((step) => step.id === id));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  });

  it('bracket keys that are no names, and tell what is removed', () => {
    const { applied } = traceInstance(
      vmi({ 'metadata.annotations': { note: 'x' }, status: { nodeName: 'n' } }),
      context(),
    );
    const changes = applied.flatMap((each) => each.changes);
    assert.ok(changes.some(({ path }) => path === 'metadata.annotations[kubevirt.io/pci-topology-version]'));
    assert.deepEqual(
      changes.find(({ path }) => path === 'status.nodeName'),
      { path: 'status.nodeName', before: 'n' },
    );
  });

  it('keep what each step wrote, whatever later ones make of it', () => {
    const { applied } = traceInstance(vmi({ 'spec.domain.cpu': undefined }), context());
    const topology = applied.find(({ id }) => id === 'mut.cpu-topology');
    assert.deepEqual(topology?.changes[0]?.after, { sockets: 1, cores: 1, threads: 1 });
  });

  it('make the object that the webhook makes, and change no argument', () => {
    const changes = Object.values(EXAMPLES)
      .filter(({ kind }) => kind === undefined)
      .flatMap(({ accepts }) => accepts);
    fc.assert(
      fc.property(fc.constantFrom(...changes), (change) => {
        const object = vmi(change);
        const before = structuredClone(object);
        const traced = traceInstance(object, context());
        const outcome = mutate({ kind: 'VirtualMachineInstance', operation: 'CREATE', object }, context());
        assert.deepEqual(traced.object, outcome.object);
        assert.deepEqual(object, before);
        assert.ok(traced.applied.every((each) => each.changes.length > 0));
      }),
    );
  });

  it('say what makes a default impossible', () => {
    const network = { permitBridgeInterfaceOnPodNetwork: false, defaultNetworkInterface: 'bridge' };
    const { refused, applied } = traceInstance(vmi(), context({ network }));
    assert.deepEqual(
      refused.map(({ rule }) => rule),
      ['mut.default-network'],
    );
    assert.ok(!applied.some(({ id }) => id === 'mut.default-network'));
  });

  it('of a VirtualMachine are its identity only', () => {
    const vm = manifest({}, 'VirtualMachine') as unknown as VirtualMachine;
    const { applied, object } = traceVirtualMachine(vm, context());
    assert.deepEqual(
      applied.map(({ id, changes }) => [id, changes.map(({ path }) => path)]),
      [['mut.vm-firmware', ['spec.template.spec.domain.firmware']]],
    );
    assert.deepEqual(traceVirtualMachine(object, context()).applied, []);
  });
});
