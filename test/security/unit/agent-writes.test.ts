import assert from 'node:assert/strict';
import type { AdmissionRequest } from '../../../src/admission/types.js';
import { validate } from '../../../src/admission/validate.js';
import {
  AGENT_CONDITIONS,
  GUEST_ENDED,
  AGENT_PHASES,
  AGENT_STATUS_FIELDS,
  AGENT_VOLUME_FIELDS,
  isAgentInterfaceField,
} from '../../../src/agent-api/instance-status.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { ObjectMeta } from '../../../src/api/schema/meta.js';
import {
  VirtualMachineInstanceNetworkInterface,
  VirtualMachineInstanceStatus,
  VolumeStatus,
} from '../../../src/api/schema/virtualmachineinstance-status.js';
import { finalStatus, runningStatus, withSyncProblem } from '../../../src/agent/vm/status.js';
import type { DomainView } from '../../../src/agent/hypervisor/hypervisor.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';

/* What a stolen node's agent may change of the VMs that are there: nothing but what an agent reports. */

const context = { config: resolveClusterConfig(), newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223' };
const agent = {
  username: 'system:serviceaccount:kubevirt:virt-agent',
  extra: { 'authentication.kubernetes.io/node-name': ['node-1'] },
};

const stored = (): VirtualMachineInstance => ({
  ...(manifest({}) as unknown as VirtualMachineInstance),
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u',
    resourceVersion: '7',
    labels: { app: 'web', 'kubevirt.io/nodeName': 'node-1' },
    annotations: { note: 'a' },
    finalizers: ['kubevirt.io/foregroundDeleteVirtualMachine'],
    ownerReferences: [
      { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'web', uid: 'o', controller: true },
    ],
  },
  status: {
    phase: 'Running',
    nodeName: 'node-1',
    activePods: { '5d307ca9-b3ef-428c-8861-06e72d69f223': 'node-1' },
    launcherPod: { name: 'virt-launcher-web-x', uid: '5d307ca9-b3ef-428c-8861-06e72d69f223', containers: [] },
    phaseTransitionTimestamps: [{ phase: 'Pending', phaseTransitionTimestamp: '2026-01-01T00:00:00Z' }],
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Synchronized', status: 'False' },
    ],
    interfaces: [{ name: 'default', ipAddress: '10.0.0.7', ipAddresses: ['10.0.0.7'], podInterfaceName: 'eth0' }],
    volumeStatus: [
      { name: 'root', target: '' },
      { name: 'data', target: '', persistentVolumeClaimInfo: { claimName: 'data', accessModes: ['ReadWriteOnce'] } },
    ],
  },
});

/** Which rules refuse the agent of node-1 to make `old` into `now`. */
const refused = (now: VirtualMachineInstance, old = stored()): (string | undefined)[] => {
  const request: AdmissionRequest = {
    kind: 'VirtualMachineInstance',
    operation: 'UPDATE',
    object: JSON.parse(JSON.stringify(now)) as unknown,
    oldObject: JSON.parse(JSON.stringify(old)) as unknown,
    user: agent,
  };
  return validate(request, context).causes.map(({ rule, field }) => `${rule ?? ''} ${field}`);
};
const withStatus = (change: object): VirtualMachineInstance => {
  const vmi = stored();
  return { ...vmi, status: { ...vmi.status, ...change } };
};
/** Something else than what is there, of a shape that the schema may or may not know. */
const other = (value: unknown): unknown => (typeof value === 'string' ? `${value}x` : { changed: true });
const anyChange = (object: VirtualMachineInstance): boolean => refused(object).length > 0;

describe('attack: the agent of a stolen node writes the VMI of its own node', () => {
  it('is let through where nothing is changed, and where the API server counts', () => {
    assert.deepEqual(refused(stored()), []);
    const counted = stored();
    Object.assign(counted.metadata!, {
      resourceVersion: '8',
      generation: 3,
      managedFields: [{ manager: 'virt-agent' }],
    });
    assert.deepEqual(refused(counted), []);
  });

  it('reaches no field of the status that is not reported: each of the schema', () => {
    const fields = Object.keys(VirtualMachineInstanceStatus.properties);
    const others = fields.filter((field) => !(AGENT_STATUS_FIELDS as readonly string[]).includes(field));
    assert.ok(others.includes('activePods') && others.includes('launcherPod') && others.includes('nodeName'));
    for (const field of others) {
      const before = (stored().status as Record<string, unknown>)[field];
      assert.ok(anyChange(withStatus({ [field]: other(before) })), `may write status.${field}`);
      if (before !== undefined) assert.ok(anyChange(withStatus({ [field]: undefined })), `may remove status.${field}`);
    }
    assert.ok(anyChange(withStatus({ brandNew: 1 })), 'may write a field that comes later');
  });

  it('reaches no metadata: each field of the schema', () => {
    const server = ['resourceVersion', 'generation', 'managedFields', 'selfLink'];
    const fields = Object.keys(ObjectMeta.properties).filter((field) => !server.includes(field));
    for (const change of ['labels', 'annotations', 'finalizers', 'ownerReferences']) assert.ok(fields.includes(change));
    for (const field of fields) {
      const vmi = stored();
      const metadata = vmi.metadata as Record<string, unknown>;
      metadata[field] = other(metadata[field]);
      assert.ok(anyChange(vmi), `may write metadata.${field}`);
    }
    for (const label of ['app', 'kubevirt.io/nodeName', 'new']) {
      const vmi = stored();
      vmi.metadata!.labels = { ...vmi.metadata!.labels, [label]: 'x' };
      assert.ok(anyChange(vmi), `may write the label ${label}`);
    }
  });

  it('reaches neither addresses nor claims nor the conditions of others', () => {
    const [nic] = stored().status!.interfaces!;
    for (const field of Object.keys(VirtualMachineInstanceNetworkInterface.properties)) {
      const allowed = isAgentInterfaceField(field, 'eth0') && field !== 'name';
      const changed = { ...nic, [field]: field === 'queueCount' ? 2 : field === 'ipAddresses' ? ['10.0.0.8'] : 'x' };
      assert.equal(!anyChange(withStatus({ interfaces: [changed] })), allowed, `interfaces[].${field}`);
    }
    assert.ok(anyChange(withStatus({ interfaces: [nic, { name: 'more', ipAddress: '10.0.0.9' }] })));
    assert.ok(anyChange(withStatus({ interfaces: [] })));
    assert.deepEqual(refused(withStatus({ interfaces: [{ name: 'second', mac: 'x' }, nic] })), []);
    // Of a network beside the pod's, which virt-controller has named, the guest alone may know.
    const lan = { name: 'lan', podInterfaceName: 'pod094a367b026' };
    const known = withStatus({ interfaces: [nic, lan] });
    const told = { ipAddress: '192.168.7.7', ipAddresses: ['192.168.7.7'] };
    assert.deepEqual(refused(withStatus({ interfaces: [nic, { ...lan, ...told }] }), known), []);
    assert.ok(anyChange(withStatus({ interfaces: [nic, { ...lan, ...told }] })));
    assert.ok(anyChange(withStatus({ interfaces: [{ ...nic, podInterfaceName: 'pod094a367b026', ...told }] })));

    const [root, data] = stored().status!.volumeStatus!;
    for (const field of Object.keys(VolumeStatus.properties)) {
      const allowed = (AGENT_VOLUME_FIELDS as readonly string[]).includes(field) && field !== 'name';
      const changed = { ...data!, [field]: field === 'size' ? 3 : other((data as Record<string, unknown>)[field]) };
      assert.equal(!anyChange(withStatus({ volumeStatus: [root, changed] })), allowed, `volumeStatus[].${field}`);
    }

    const [ready] = stored().status!.conditions!;
    assert.ok(anyChange(withStatus({ conditions: [{ ...ready, status: 'False' }] })));
    assert.ok(anyChange(withStatus({ conditions: [] })));
    assert.ok(anyChange(withStatus({ conditions: [ready, ready] })));
    assert.ok(anyChange(withStatus({ conditions: [ready, { type: 'EvictionRequested', status: 'True' }] })));
    const own = AGENT_CONDITIONS.map((type) => ({ type, status: 'True' }));
    assert.deepEqual(refused(withStatus({ conditions: [...own, ready] })), []);
  });

  it('takes Ready from a guest that has ended, in its own words, and neither gives it nor takes it otherwise', () => {
    const [ready] = stored().status!.conditions!;
    const taken = { ...ready!, status: 'False', ...GUEST_ENDED };
    const ended = (...conditions: object[]) => withStatus({ phase: 'Failed', conditions: conditions as never });
    assert.deepEqual(refused(ended(taken)), []);
    assert.ok(anyChange(withStatus({ conditions: [taken] })), 'of a guest that runs');
    assert.ok(anyChange(ended({ ...ready!, status: 'True', ...GUEST_ENDED })));
    assert.ok(anyChange(ended({ ...taken, reason: 'PodTerminating' })), 'in the words of the controller');
    assert.ok(anyChange(ended(taken, { ...ready!, status: 'True' })), 'and another beside it');
    assert.ok(anyChange(ended(taken, { type: 'EvictionRequested', status: 'True' })), 'with another condition');
  });

  it('takes a VM from no phase to another than the next, and rewrites no history', () => {
    const phases = [
      'Pending',
      'Scheduling',
      'Scheduled',
      'Running',
      'Succeeded',
      'Failed',
      'WaitForSync',
      'Unknown',
      '',
    ];
    for (const before of phases) {
      for (const now of phases) {
        const old = withStatus({ phase: before });
        const next = AGENT_PHASES[before] ?? [];
        const allowed = next.length > 0 && (before === now || next.includes(now));
        assert.equal(refused(withStatus({ phase: now }), old).length === 0, allowed, `${before} → ${now}`);
      }
    }
    const later = { phase: 'Running', phaseTransitionTimestamp: '2026-01-02T00:00:00Z' };
    const history = stored().status!.phaseTransitionTimestamps!;
    assert.deepEqual(refused(withStatus({ phaseTransitionTimestamps: [...history, later] })), []);
    assert.ok(anyChange(withStatus({ phaseTransitionTimestamps: [later] })));
    assert.ok(anyChange(withStatus({ phaseTransitionTimestamps: [] })));
  });
});

describe('what an agent writes', () => {
  const NOW = '2026-01-01T00:00:00Z';
  const view: DomainView = {
    state: 'paused',
    by: 'user',
    xml: {
      machine: 'pc-q35-9.2',
      currentMemoryKiB: 65536n,
      emulated: true,
      guestAgentConnected: true,
      interfaces: [{ name: 'default', mac: '02:00:00:00:00:01' }],
      disks: [{ name: 'root', target: 'vda' }],
    },
  } as unknown as DomainView;
  const guest = { os: { id: 'debian' }, interfaces: [{ mac: '02:00:00:00:00:01', name: 'eth0', addresses: [] }] };

  it('is what it may: while the guest runs, when it fails to start, at its end', () => {
    for (const phase of ['Scheduled', 'Running']) {
      const old = withStatus({ phase });
      const write = (status: object): void => {
        assert.deepEqual(refused({ ...old, status }, old), [], phase);
      };
      write(runningStatus(old, view, guest, 'unavailable', NOW));
      write(runningStatus(old, { ...view, state: 'running' }, undefined, undefined, NOW));
      write(withSyncProblem(old.status!, 'no such image', NOW));
      write(finalStatus(old.status!, { phase: 'Failed', message: 'QEMU is gone' }, NOW));
      write(finalStatus(old.status!, { phase: 'Succeeded', message: 'powered off' }, NOW));
    }
  });
});
