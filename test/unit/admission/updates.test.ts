import assert from 'node:assert/strict';
import { mutate } from '../../../src/admission/mutate.js';
import type { AdmissionContext, AdmissionRequest } from '../../../src/admission/types.js';
import { validate } from '../../../src/admission/validate.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';

const context: AdmissionContext = {
  config: resolveClusterConfig(),
  newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223',
};
const program = (name: string, node?: string): AdmissionRequest['user'] => ({
  username: `system:serviceaccount:kubevirt:${name}`,
  extra: node === undefined ? {} : { 'authentication.kubernetes.io/node-name': [node] },
});
const alice = { username: 'alice' };

const update = (
  kind: AdmissionRequest['kind'],
  user: AdmissionRequest['user'],
  old: Change,
  object: Change,
  more: Partial<AdmissionRequest> = {},
): AdmissionRequest => ({
  kind,
  operation: 'UPDATE',
  object: manifest(object, kind),
  oldObject: manifest(old, kind),
  user,
  ...more,
});
const rules = (request: AdmissionRequest, admission = context) =>
  validate(request, admission).causes.map(({ rule }) => rule);
const gates = (featureGates: string[], disabledFeatureGates: string[] = []): AdmissionContext => ({
  ...context,
  config: resolveClusterConfig({
    spec: { configuration: { developerConfiguration: { featureGates, disabledFeatureGates } } },
  }),
});

describe('a VMI that is written by an agent', () => {
  const here: Change = { 'status.nodeName': 'node-1', 'status.phase': 'Scheduled' };
  const runs: Change = { 'status.nodeName': 'node-1', 'status.phase': 'Running' };
  const write = (agent: AdmissionRequest['user'], old = here, object = runs): AdmissionRequest =>
    update('VirtualMachineInstance', agent, old, object);

  it('may be one of its own node', () => {
    assert.deepEqual(rules(write(program('virt-agent', 'node-1'))), []);
  });
  it('may not be one that is said to come to its node: no VM moves', () => {
    const coming = { ...here, 'status.migrationState.targetNode': 'node-2' };
    assert.deepEqual(rules(write(program('virt-agent', 'node-2'), coming, { ...coming, ...runs })), ['upd.node-owner']);
  });
  it('may not be one of another node, or of none yet', () => {
    assert.deepEqual(rules(write(program('virt-agent', 'node-2'))), ['upd.node-owner']);
    assert.deepEqual(rules(write(program('virt-agent', 'node-1'), {}, {})), ['upd.node-owner', 'upd.agent-phase']);
  });
  it('needs a token of which the node is known: by its own name, or by the pod that it is bound to', () => {
    assert.deepEqual(rules(write(program('virt-agent'))), ['upd.node-name']);
    const ofPod = (uid: string): AdmissionRequest['user'] => ({
      ...program('virt-agent')!,
      extra: {
        'authentication.kubernetes.io/pod-name': ['virt-agent-x'],
        'authentication.kubernetes.io/pod-uid': [uid],
      },
    });
    const pods = { ...context, nodeOfPod: ({ uid }: { uid: string }) => ({ one: 'node-1', two: 'node-2' })[uid] };
    assert.deepEqual(rules(write(ofPod('one')), pods), []);
    assert.deepEqual(rules(write(ofPod('two')), pods), ['upd.node-owner']);
    assert.deepEqual(rules(write(ofPod('three')), pods), ['upd.node-name']);
    assert.deepEqual(rules(write(ofPod('one'))), ['upd.node-name']);
  });
  it('is not looked at so where the feature gate is switched off', () => {
    assert.deepEqual(rules(write(program('virt-agent', 'node-2')), gates([], ['NodeRestriction'])), []);
  });
  it('reads nothing but a list of texts as the name', () => {
    for (const names of ['node-1', [], [7], { 0: 'node-1' }, null, ['node-1', 'node-2']]) {
      const agent = { ...program('virt-agent')!, extra: { 'authentication.kubernetes.io/node-name': names } };
      assert.deepEqual(rules(write(agent)), ['upd.node-name']);
    }
  });
  it('keeps its spec and the labels by which agents find their VMs', () => {
    const change = { ...runs, 'spec.hostname': 'other', 'metadata.labels': { 'kubevirt.io/nodeName': 'node-2' } };
    assert.deepEqual(rules(write(program('virt-agent', 'node-1'), here, change)), ['upd.spec', 'upd.labels']);
  });
  it('that is being deleted is still that of one node, whatever its shape', () => {
    const deleted = { ...here, 'metadata.deletionTimestamp': '2026-01-01T00:00:00Z', spec: 7 };
    const ended = { ...deleted, 'status.phase': 'Succeeded' };
    assert.deepEqual(rules(write(program('virt-agent', 'node-1'), deleted, ended)), []);
    assert.deepEqual(rules(write(program('virt-agent', 'node-2'), deleted, ended)), ['upd.node-owner']);
    assert.deepEqual(rules(write(program('virt-controller', 'node-2'), deleted, ended)), []);
  });
  it('keeps its status from users', () => {
    const request = write(alice);
    assert.deepEqual((mutate(request, context).object as { status: unknown }).status, {
      nodeName: 'node-1',
      phase: 'Scheduled',
    });
  });
});

describe('a VMI whose spec our own programs change', () => {
  const claim = { name: 'data', persistentVolumeClaim: { claimName: 'data', hotpluggable: true } };
  const added: Change = {
    'spec.volumes[2]': claim,
    'spec.domain.devices.disks[2]': { name: 'data', disk: { bus: 'scsi' } },
  };
  const write = (change: Change, old: Change = {}) =>
    update('VirtualMachineInstance', program('virt-controller'), old, change);

  it('gets no field that nothing acts on, even by hotplug; what is stored so stays', () => {
    assert.deepEqual(
      validate(write(added), context).causes.map(({ field, rule }) => [field, rule]),
      [['spec.volumes[2].persistentVolumeClaim.hotpluggable', 'field.not-acted-on']],
    );
    assert.deepEqual(rules(write({ ...added, 'spec.domain.cpu.sockets': 2 }, added)), []);
  });
  it('reports every violation, in the order of the spec, each time the same', () => {
    const change: Change = {
      'spec.volumes': [
        { name: 'root', containerDisk: { image: 'other' } },
        { name: 'init', cloudInitNoCloud: { userData: 'other' } },
        { name: 'new', emptyDisk: { capacity: '1Gi' } },
      ],
    };
    assert.deepEqual(
      validate(write(change), context).causes.map(({ field, rule }) => [field, rule]),
      [
        ['spec.volumes[0].containerDisk.image', 'upd.storage-hot-changed'],
        ['spec.volumes[1].cloudInitNoCloud.userData', 'upd.storage-hot-changed'],
        ['spec.volumes[2]', 'upd.storage-no-disk'],
        ['spec.volumes[2]', 'upd.storage-new-source'],
      ],
    );
  });
  it('does not end us when the stored object has another shape', () => {
    const request = { ...write(added), oldObject: { metadata: 7, spec: { volumes: 'no', domain: null }, status: [] } };
    assert.doesNotThrow(() => validate(request, context));
  });
});

describe('a VM that our own programs start and stop', () => {
  // Admitted by an older version, say, or while a feature gate was on.
  const wrong: Change = {
    'spec.template.spec.hostname': 'NO',
    'spec.template.spec.volumes[1]': { name: 'init', hostDisk: { path: '/x', type: 'Disk' } },
  };
  const stop = (user: AdmissionRequest['user'], more: Change = {}) =>
    update('VirtualMachine', user, { ...wrong, 'spec.runStrategy': 'Always' }, { ...wrong, ...more });

  it('is not theirs to mend', () => {
    assert.deepEqual(rules(stop(program('virt-webhook'))), []);
    assert.deepEqual(rules(stop(program('virt-controller'), { 'metadata.finalizers': ['x'] })), []);
    assert.deepEqual(rules(stop(alice)), []);
    assert.deepEqual(rules(stop(program('virt-webhook'), { 'spec.template.spec.subdomain': 'x' })), []);
    assert.deepEqual(rules(stop(program('virt-webhook'), { 'spec.template.spec.hostname': 'NOT' })), ['id.hostname']);
  });
  it('stays as it is while a snapshot is taken', () => {
    const snapshot = { 'status.snapshotInProgress': 'nightly' };
    const request = update(
      'VirtualMachine',
      program('virt-webhook'),
      { ...snapshot, 'spec.runStrategy': 'Always' },
      snapshot,
    );
    assert.deepEqual(rules(request), ['vm.snapshot-running']);
  });
});

describe('a VM that is updated', () => {
  it('is not rewritten, but for what identifies the guest and is left out', () => {
    const firmware = { 'spec.template.spec.domain.firmware': { uuid: 'a', serial: 'b' } };
    assert.deepEqual(mutate(update('VirtualMachine', alice, firmware, firmware), context).patch, []);
    assert.deepEqual(mutate(update('VirtualMachine', alice, {}, {}), context).patch, []);
  });
  it('may have a list that is null in its status, which is none', () => {
    const nothing: Change = { 'status.volumeRequests': null, 'status.stateChangeRequests': null };
    assert.deepEqual(rules(update('VirtualMachine', alice, {}, nothing, { subResource: 'status' })), []);
  });
  it('keeps a DataVolume template for another namespace that is stored so', () => {
    const stored: Change = {
      'spec.dataVolumeTemplates': [
        {
          metadata: { name: 'd', namespace: 'other' },
          spec: { storage: { resources: { requests: { storage: '1Gi' } } }, source: { blank: {} } },
        },
      ],
      'spec.template.spec.volumes[1]': { name: 'init', dataVolume: { name: 'd' } },
    };
    const lenient = { ...context, allowNotActedOn: true };
    assert.deepEqual(rules(update('VirtualMachine', alice, {}, stored), lenient), ['vm.dvt-namespace']);
    assert.deepEqual(
      rules(update('VirtualMachine', alice, stored, { ...stored, 'spec.runStrategy': 'Manual' }), lenient),
      [],
    );
    const unnamed = { ...stored, 'metadata.namespace': undefined };
    const create = update('VirtualMachine', alice, {}, unnamed, { operation: 'CREATE', namespace: 'third' });
    assert.deepEqual(rules({ ...create, oldObject: undefined }, lenient), ['vm.dvt-namespace']);
  });
  it('does not end us when the stored object has another shape', () => {
    for (const oldObject of [7, 'x', [], { spec: null }, { spec: { template: 7, running: [] }, status: 'x' }]) {
      const request = update(
        'VirtualMachine',
        alice,
        {},
        { 'status.snapshotInProgress': 'a', 'status.restoreInProgress': 'b' },
      );
      assert.doesNotThrow(() => validate({ ...request, oldObject }, context));
      assert.doesNotThrow(() => validate({ ...request, oldObject, user: program('virt-controller') }, context));
    }
  });
});

describe('a status that is written through its sub-resource', () => {
  const status = (
    user: AdmissionRequest['user'],
    object: Change,
    old: Change = {},
    kind: AdmissionRequest['kind'] = 'VirtualMachine',
  ) => update(kind, user, old, object, { subResource: 'status' });
  const request = {
    addVolumeOptions: { name: 'data', disk: { name: 'data', disk: { bus: 'sata' } }, volumeSource: {} },
  };
  const asked: Change = { 'status.volumeRequests': [request] };
  const controller = program('virt-controller');
  const ready: Change = {
    'status.printableStatus': 'Running',
    'status.ready': true,
    'status.created': true,
    'status.runStrategy': 'Always',
    'status.conditions': [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }],
    'status.startFailure': {
      consecutiveFailCount: 1,
      lastFailedVMIUID: 'u',
      retryAfterTimestamp: '2026-01-01T00:00:00Z',
    },
    'status.stateChangeRequests': [{ action: 'Stop', uid: 'u' }],
  };

  it('of the controller passes, whatever the spec holds, without a warning and without a patch', () => {
    const wrong: Change = { 'spec.running': true, 'spec.template.spec.hostname': 'NO', 'spec.template.spec.domain': 7 };
    const written = status(controller, { ...wrong, ...ready }, wrong);
    assert.deepEqual(validate(written, context), { causes: [], warnings: [] });
    assert.deepEqual(mutate(written, context).patch, []);
    const set: Change = { 'status.replicas': 2, 'status.readyReplicas': 1, 'status.labelSelector': 'a=b' };
    const replicas = status(controller, { ...set, 'spec.replicas': -1 }, {}, 'VirtualMachineInstanceReplicaSet');
    assert.deepEqual(validate(replicas, context).causes, []);
  });
  it('is checked against its schema: known fields by type, unknown ones let be', () => {
    assert.deepEqual(
      validate(status(controller, { 'status.ready': 'yes', 'status.news': 1 }), context).causes.map(
        ({ field }) => field,
      ),
      ['status.ready'],
    );
    const set = status(controller, { 'status.replicas': 'two' }, {}, 'VirtualMachineInstanceReplicaSet');
    assert.deepEqual(
      validate(set, context).causes.map(({ field }) => field),
      ['status.replicas'],
    );
  });
  it('may not ask for what nothing does, unless it is stored already', () => {
    assert.deepEqual(
      validate(status(alice, asked), context).causes.map(({ field, rule }) => [field, rule]),
      [['status.volumeRequests', 'field.not-acted-on']],
    );
    assert.deepEqual(rules(status(controller, { 'status.memoryDumpRequest': { claimName: 'a', phase: 'x' } })), [
      'field.not-acted-on',
    ]);
    assert.deepEqual(rules(status(controller, { ...asked, ...ready }, asked)), []);
  });
  it('gets the rules on volume requests', () => {
    const lenient = { ...context, allowNotActedOn: true };
    assert.deepEqual(rules(status(alice, asked), lenient), ['vr.add-disk', 'vr.result-template']);
    assert.deepEqual(rules(status(controller, asked, asked), lenient), []);
    assert.deepEqual(rules(status(alice, asked, asked), lenient), []);
    const twice: Change = { 'status.volumeRequests': [request, request] };
    assert.deepEqual(rules(status(alice, twice, asked), lenient), ['vr.add-dup']);
  });
  it('is judged by what all volume requests together make of the template, and the causes name the request', () => {
    const lenient = { ...context, allowNotActedOn: true };
    const add = (name: string, serial = 'a') => ({
      addVolumeOptions: {
        name,
        disk: { name, disk: { bus: 'scsi' }, serial },
        volumeSource: { persistentVolumeClaim: { claimName: 'x' } },
      },
    });
    const remove = (name: string) => ({ removeVolumeOptions: { name } });
    const causes = (requests: object[]) =>
      validate(status(alice, { 'status.volumeRequests': requests }), lenient).causes.map(({ field, rule }) => [
        field,
        rule,
      ]);
    assert.deepEqual(causes([add('one'), add('two', 'no spaces'), add('three')]), [
      ['status.volumeRequests[1].addVolumeOptions.disk.serial', 'vr.result-template'],
    ]);
    // What is wrong in between is not wrong in the end.
    assert.deepEqual(causes([add('two', 'no spaces'), remove('two'), add('three')]), []);
    assert.deepEqual(causes(Array.from({ length: 300 }, (_, i) => add(`v-${i}`))), [
      ['status.volumeRequests', 'vr.result-template'],
    ]);
  });
});
