import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import { checkInstancetype } from '../../../src/admission/instancetype-object.js';
import { accountName } from '../../../src/agent-api/token.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { buildInstance } from '../../../src/controller/vm/instance.js';
import { sized } from '../../../src/controller/vm/instancetypes.js';
import { MAX_SPEC } from '../../../src/instancetypes/read-object.js';
import { buildRevision } from '../../../src/instancetypes/revision.js';
import { fakeSource } from '../../unit/instancetypes/fake-source.js';

/* A tenant may write instance types, preferences and VMs of his namespace, and perhaps ControllerRevisions. */

const config = resolveClusterConfig();
const KIND = 'VirtualMachineInstancetype' as const;
const vm = (instancetype: object, status?: VirtualMachine['status']): VirtualMachine => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'a', uid: 'vm-uid' },
  spec: {
    runStrategy: 'Always',
    instancetype,
    template: {
      spec: {
        domain: { devices: {} },
        volumes: [{ name: 'root', persistentVolumeClaim: { claimName: 'root' } }],
      },
    },
  },
  ...(status === undefined ? {} : { status }),
});
const size = (more: object = {}) => ({
  metadata: { name: 'mine', namespace: 'a', uid: 'uid-mine', generation: 1 },
  spec: { cpu: { guest: 1 }, memory: { guest: '1Gi' }, ...more },
});
const named = { name: 'mine', kind: KIND };
const newUuid = (): string => '5d307ca9-b3ef-428c-8861-06e72d69f223';

describe('a tenant with instance types', () => {
  it('names none of another namespace', () => {
    const source = fakeSource({ objects: { [`${KIND}/b/theirs`]: size() } });
    for (const name of ['theirs', 'b/theirs', '../b/theirs', '..%2Fb%2Ftheirs']) {
      const { problem } = sized(vm({ name, kind: KIND }), source, config);
      assert.equal(problem?.reason, 'FailedFindInstancetype', name);
    }
  });

  it('gets nothing past admission by a revision: who forges one is told by its owner, and the instance is judged', () => {
    const hostile = {
      ...size(),
      spec: { cpu: { guest: 1 }, memory: { guest: '1Gi' }, hostDevices: [{ name: 'x', deviceName: 'y' }] },
    };
    const machine = vm(named, {
      instancetypeRef: { name: 'mine', kind: KIND, controllerRevisionRef: { name: 'forged' } },
    });
    const objects = { [`${KIND}/a/mine`]: size() };
    const revision = buildRevision(machine, KIND, hostile);
    const unowned = { ...revision, metadata: { ...revision.metadata, ownerReferences: [] } };
    const honest = sized(machine, fakeSource({ objects, revisions: { 'a/forged': unowned } }), config);
    assert.equal(honest.vm.spec.template.spec?.domain.devices.hostDevices, undefined);
    // Even with the owner copied: what is made of it goes through the admission of every VMI, policies included.
    const copied = sized(machine, fakeSource({ objects, revisions: { 'a/forged': revision } }), config);
    const object = buildInstance(copied.vm, false);
    const user = { username: accountName(INSTALL_NAMESPACE, 'virt-controller') };
    const { causes } = admit(
      { kind: 'VirtualMachineInstance', operation: 'CREATE', object, user },
      { config, newUuid },
    );
    assert.ok(
      causes.some(({ field }) => field.startsWith('spec.domain.devices.hostDevices')),
      JSON.stringify(causes),
    );
  });

  it('is refused in an instance type what he is refused in a VM', () => {
    const spec = { gpus: [{ name: 'gpu', deviceName: 'nvidia.com/x' }], launchSecurity: { sev: {} } };
    const source = fakeSource({ objects: { [`${KIND}/a/mine`]: size(spec) } });
    const { causes } = admit(
      { kind: 'VirtualMachine', operation: 'CREATE', object: vm(named), namespace: 'a' },
      { config, newUuid, instancetypes: source },
    );
    const fields = causes.map(({ field }) => field);
    for (const path of ['devices.gpus', 'launchSecurity'])
      assert.ok(
        fields.some((field) => field.startsWith(`spec.template.spec.domain.${path}`)),
        path,
      );
  });

  it('makes nobody keep a giant, and crashes nobody with a shapeless one', () => {
    const giant = size({ annotations: { note: 'x'.repeat(MAX_SPEC) } });
    assert.notDeepEqual(checkInstancetype({ kind: KIND, object: giant }).causes, []);
    const shapeless = [
      giant.spec,
      null,
      'x',
      1,
      [],
      {},
      { cpu: [], memory: 1 },
      { cpu: { guest: 1e99 }, memory: { guest: {} } },
    ];
    for (const spec of shapeless) {
      const source = fakeSource({ objects: { [`${KIND}/a/mine`]: { ...size(), spec } } });
      assert.equal(sized(vm(named), source, config).problem?.reason, 'FailedFindInstancetype');
      const revisions = { 'a/r': { ...buildRevision(vm(named), KIND, size()), data: { spec } } };
      const kept = vm({ ...named, revisionName: 'r' });
      assert.equal(sized(kept, fakeSource({ revisions }), config).problem?.reason, 'FailedFindInstancetype');
    }
    // As many vCPUs as the field holds: bounded by the rules of a VM.
    const source = fakeSource({ objects: { [`${KIND}/a/mine`]: size({ cpu: { guest: 2 ** 32 - 1 } }) } });
    const { causes } = admit(
      { kind: 'VirtualMachine', operation: 'CREATE', object: vm(named), namespace: 'a' },
      { config, newUuid, instancetypes: source },
    );
    assert.ok(
      causes.some(({ field }) => field.includes('cpu')),
      JSON.stringify(causes),
    );
  });

  it('speaks in no annotation in the name of our programs', () => {
    const annotations = {
      'kubevirt.io/vm-generation': '99',
      'kubevirt.io/vm-template-hash': 'forged',
      'kubevirt.io/eviction-source': 'descheduler',
      'kubectl-virt.io/requested-by': 'forged',
    };
    assert.equal(checkInstancetype({ kind: KIND, object: size({ annotations }) }).causes.length, 4);
    // Stored before today's rules.
    const source = fakeSource({ objects: { [`${KIND}/a/mine`]: size({ annotations }) } });
    const made = buildInstance(sized(vm(named), source, config).vm, false).metadata?.annotations ?? {};
    for (const [key, value] of Object.entries(annotations)) assert.notEqual(made[key], value, key);
  });

  it('gives no pod what he could not by hand: an annotation that acts on pods is refused, and never copied', () => {
    const hostile = {
      'k8s.v1.cni.cncf.io/networks': 'kube-system/secret-net',
      'container.apparmor.security.beta.kubernetes.io/compute': 'unconfined',
    };
    const object = { kind: KIND, ...size({ annotations: { ...hostile, team: 'a' } }) };
    const { causes } = checkInstancetype({ kind: KIND, object });
    assert.deepEqual(
      causes.map(({ field }) => field),
      Object.keys(hostile).map((key) => `spec.annotations[${key}]`),
    );
    const { vm: machine } = sized(vm(named), fakeSource({ objects: { [`${KIND}/a/mine`]: object } }), config);
    assert.deepEqual(machine.spec.template.metadata?.annotations, { team: 'a' });
  });
});
