import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mutate } from '../../../../src/admission/mutate.js';
import { validate } from '../../../../src/admission/validate.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import type { Pod } from '../../../../src/kube/types.js';
import { manifest } from '../../../../src/validators/rule/example-manifest.js';
import {
  decideEviction,
  type EvictionDecision,
  type EvictionInstance,
  type EvictionSettings,
  type EvictionSubject,
} from '../../../../src/webhook/eviction/decision.js';
import type { EvictionRequest } from '../../../../src/webhook/eviction/review.js';

const request = (more: Partial<EvictionRequest> = {}): EvictionRequest => ({
  uid: 'r',
  namespace: 'ns',
  name: 'virt-launcher-web-x',
  dryRun: false,
  eviction: { dryRun: false, requestedBy: undefined },
  ...more,
});

const launcher = (more: { metadata?: Pod['metadata']; spec?: Pod['spec']; status?: Pod['status'] } = {}): Pod => ({
  metadata: {
    name: 'virt-launcher-web-x',
    namespace: 'ns',
    uid: 'pod-uid',
    labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': 'vmi-uid' },
    annotations: { 'kubevirt.io/domain': 'web' },
    ...more.metadata,
  },
  spec: { nodeName: 'node-a', ...more.spec },
  status: { phase: 'Running', ...more.status },
});

const hotplug = (ownerReferences: { kind: string; name: string; uid: string; apiVersion: string }[]): Pod => ({
  metadata: { name: 'hp-volume-x', namespace: 'ns', labels: { 'kubevirt.io': 'hotplug-disk' }, ownerReferences },
});
const OWNER = { apiVersion: 'v1', kind: 'Pod', name: 'virt-launcher-web-x', uid: 'pod-uid' };

const instance = (
  evictionStrategy: string | undefined,
  more: { metadata?: EvictionInstance['metadata']; status?: EvictionInstance['status'] } = {},
): EvictionInstance => ({
  metadata: {
    name: 'web',
    namespace: 'ns',
    uid: 'vmi-uid',
    ownerReferences: [
      { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'web', uid: 'u', controller: true },
    ],
    ...more.metadata,
  },
  spec: evictionStrategy === undefined ? {} : { evictionStrategy },
  status: {
    phase: 'Running',
    nodeName: 'node-a',
    launcherPod: { name: 'virt-launcher-web-x', uid: 'pod-uid' },
    ...more.status,
  },
});
const migratable = { conditions: [{ type: 'LiveMigratable', status: 'True' }] };
const notMigratable = { conditions: [{ type: 'LiveMigratable', status: 'False' }] };
const bare = { ownerReferences: [] };

interface Case {
  readonly what: string;
  readonly pod?: Pod | undefined;
  readonly owner?: Pod;
  readonly vmi?: EvictionInstance | undefined;
  readonly request?: Partial<EvictionRequest>;
  readonly settings?: Partial<EvictionSettings>;
  readonly expect: 'allow' | 'mark' | 'warn' | RegExp;
}

/**
 * docs/reference/admission.md §13, from top to bottom; what the reference answers stands in its words, ours in the
 * patterns.
 */
const TABLE: readonly Case[] = [
  { what: 'a pod of somebody else', pod: undefined, vmi: undefined, expect: 'allow' },
  {
    what: 'a pod of somebody else while the caches fill',
    pod: undefined,
    request: { name: 'nginx-1' },
    settings: { cachesFilled: false },
    expect: 'allow',
  },
  {
    what: 'a pod of somebody else for a caller who is not known',
    pod: undefined,
    request: { name: 'nginx-1' },
    settings: { callerKnown: false },
    expect: 'allow',
  },
  { what: 'a pod of ours for a caller who is not known', settings: { callerKnown: false }, expect: /try again/ },
  { what: 'a pod of ours, by its name, meanwhile', settings: { cachesFilled: false }, expect: /try again/ },
  {
    what: 'a hotplug pod of a running VMI',
    pod: hotplug([OWNER]),
    owner: launcher(),
    vmi: instance('None'),
    expect: /carries a volume of the running VMI "ns\/web"/,
  },
  { what: 'a hotplug pod with two owners', pod: hotplug([OWNER, OWNER]), owner: launcher(), expect: 'allow' },
  { what: 'a hotplug pod whose owner is gone', pod: hotplug([OWNER]), expect: 'allow' },
  {
    what: 'a hotplug pod whose owner has ended',
    pod: hotplug([OWNER]),
    owner: launcher({ status: { phase: 'Succeeded' } }),
    expect: 'allow',
  },
  {
    what: 'a hotplug pod whose VMI is gone',
    pod: hotplug([OWNER]),
    owner: launcher(),
    vmi: undefined,
    expect: 'allow',
  },
  {
    what: 'a pod with another label',
    pod: launcher({ metadata: { labels: { 'kubevirt.io': 'virt-agent' } } }),
    expect: 'allow',
  },
  { what: 'a launcher that succeeded', pod: launcher({ status: { phase: 'Succeeded' } }), expect: 'allow' },
  { what: 'a launcher that failed', pod: launcher({ status: { phase: 'Failed' } }), expect: 'allow' },
  { what: 'a launcher that names no VMI', pod: launcher({ metadata: { annotations: {} } }), expect: 'allow' },
  {
    what: 'a pod that says it is the launcher of a VMI which has another one',
    pod: launcher({ metadata: { uid: 'forged' } }),
    vmi: instance('External'),
    expect: 'allow',
  },
  {
    what: 'a pod that says it is the launcher of a VMI whose pod is not recorded',
    vmi: instance('External', { status: { launcherPod: undefined } }),
    expect: /not where|still being started/,
  },
  {
    what: "a hotplug pod that names a pod which is not the VMI's",
    pod: hotplug([OWNER]),
    owner: launcher({ metadata: { uid: 'forged' } }),
    vmi: instance('None'),
    expect: 'allow',
  },
  { what: 'a launcher whose VMI is not known', vmi: undefined, expect: /VMI "ns\/web".* not known/ },
  {
    what: 'a launcher of an earlier VMI of that name',
    vmi: instance('None', { metadata: { uid: 'another' } }),
    expect: /VMI "ns\/web".* not known/,
  },
  { what: 'no strategy anywhere', vmi: instance(undefined), settings: { clusterStrategy: '' }, expect: 'allow' },
  { what: 'None', vmi: instance('None'), expect: 'allow' },
  {
    what: 'None against the cluster’s',
    vmi: instance('None'),
    settings: { clusterStrategy: 'LiveMigrate' },
    expect: 'allow',
  },
  {
    what: 'the cluster’s LiveMigrate',
    vmi: instance(undefined),
    settings: { clusterStrategy: 'LiveMigrate' },
    expect: /not live-migratable/,
  },
  {
    what: 'LiveMigrate of a VM that cannot be migrated',
    vmi: instance('LiveMigrate', { status: notMigratable }),
    expect: /"ns\/web" has evictionStrategy LiveMigrate but .* kubectl virt stop, or set evictionStrategy: None/,
  },
  {
    what: 'LiveMigrate of a VM that has not said whether it can',
    vmi: instance('LiveMigrate'),
    expect: /not live-migratable/,
  },
  {
    what: 'LiveMigrate of a bare VMI',
    vmi: instance('LiveMigrate', { metadata: bare }),
    expect: /kubectl delete vmi, or create it again with evictionStrategy: None/,
  },
  {
    what: 'LiveMigrate of a VM that is being stopped',
    vmi: instance('LiveMigrate', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    expect: /shutting down already/,
  },
  { what: 'LiveMigrate', vmi: instance('LiveMigrate', { status: migratable }), expect: 'mark' },
  { what: 'LiveMigrateIfPossible', vmi: instance('LiveMigrateIfPossible', { status: migratable }), expect: 'mark' },
  {
    what: 'LiveMigrateIfPossible where it is not',
    vmi: instance('LiveMigrateIfPossible', { status: notMigratable }),
    expect: 'warn',
  },
  { what: 'External', vmi: instance('External'), expect: 'mark' },
  { what: 'External, whatever can be migrated', vmi: instance('External', { status: migratable }), expect: 'mark' },
  {
    what: 'a VMI that is marked already',
    vmi: instance('External', { status: { evacuationNodeName: 'node-a' } }),
    expect: /^Evacuation in progress: Eviction triggered evacuation of VMI "ns\/web": .*kubectl virt stop$/,
  },
  {
    what: 'a pod on another node than its VMI',
    pod: launcher({ spec: { nodeName: 'node-b' } }),
    vmi: instance('External'),
    expect: /not where VMI "ns\/web" runs/,
  },
  {
    what: 'a VMI that is on no node yet',
    vmi: instance('External', { status: { nodeName: undefined } }),
    expect: /still being started/,
  },
  {
    what: 'a pod on no node',
    pod: launcher({ spec: { nodeName: undefined } }),
    vmi: instance('External', { status: { nodeName: undefined } }),
    expect: /still being started/,
  },
  {
    what: 'an eviction that cannot be read',
    vmi: instance('External'),
    request: { eviction: undefined },
    expect: /no Eviction that can be read/,
  },
  { what: 'a strategy of another version', vmi: instance('Teleport'), expect: 'allow' },
];

const decide = (rest: Omit<Case, 'what' | 'expect'>): EvictionDecision => {
  const subject: EvictionSubject = {
    pod: 'pod' in rest ? rest.pod : launcher(),
    owner: rest.owner,
    vmi: rest.vmi,
  };
  const settings = { callerKnown: true, cachesFilled: true, clusterStrategy: 'None', ...rest.settings };
  return decideEviction(request(rest.request), subject, settings);
};
const messageOf = (decision: EvictionDecision): string => ('message' in decision ? decision.message : '');

describe('the eviction of', () => {
  for (const entry of TABLE) {
    const { what, expect } = entry;
    it(`${what}: ${expect instanceof RegExp ? 'denied' : expect}`, () => {
      const decision = decide(entry);
      if (expect === 'allow') assert.deepEqual(decision, { do: 'allow' });
      else if (expect === 'warn') assert.match(decision.do === 'allow' ? (decision.warning ?? '') : '', /shut down/);
      else if (expect === 'mark') {
        assert.equal(decision.do, 'mark');
        // What the descheduler looks for in a refusal.
        assert.match(messageOf(decision), /^Eviction triggered evacuation of VMI "ns\/web"/);
      } else {
        assert.equal(decision.do, 'deny');
        assert.match(messageOf(decision), expect);
      }
    });
  }

  it('an External VM marks it with the node, under its uid, and names who is asked', () => {
    const decision = decide({ vmi: instance('External') });
    assert.deepEqual(decision, {
      do: 'mark',
      namespace: 'ns',
      name: 'web',
      mark: { metadata: { uid: 'vmi-uid' }, status: { evacuationNodeName: 'node-a' } },
      dryRun: false,
      message:
        'Eviction triggered evacuation of VMI "ns/web": status.evacuationNodeName asks your controller to move it; without one, stop it with kubectl virt stop',
    });
  });

  it('an External VM writes a mark that our own admission lets through', () => {
    const decision = decide({ vmi: instance('External') });
    assert.equal(decision.do, 'mark');
    const admission = { config: resolveClusterConfig(), newUuid: () => 'u' };
    const created = mutate(
      {
        kind: 'VirtualMachineInstance',
        operation: 'CREATE',
        object: manifest({ 'spec.evictionStrategy': 'External' }),
      },
      admission,
    );
    const oldObject = created.object as VirtualMachineInstance;
    const object = { ...oldObject, status: { ...oldObject.status, ...decision.mark.status } };
    const user = { username: 'system:serviceaccount:kubevirt:virt-webhook' };
    const update = { kind: 'VirtualMachineInstance', operation: 'UPDATE', object, oldObject, user } as const;
    assert.deepEqual(mutate(update, admission).patch, []);
    assert.deepEqual(validate(update, admission).causes, []);
  });

  it('a VM by the descheduler tells so in an annotation, by anybody else not', () => {
    const annotationsFor = (requestedBy: string | undefined) => {
      const eviction = { dryRun: false, requestedBy };
      const decision = decide({ vmi: instance('External'), request: { eviction } });
      return decision.do === 'mark' ? decision.mark.metadata.annotations : 'no mark';
    };
    assert.deepEqual(annotationsFor('sigs.k8s.io/descheduler'), { 'kubevirt.io/eviction-source': 'descheduler' });
    assert.equal(annotationsFor('somebody'), undefined);
    assert.equal(annotationsFor(undefined), undefined);
  });

  it('a VM in a dry run, of the request or of its delete options, marks it in a dry run', () => {
    const isDry = (more: Partial<EvictionRequest>) => {
      const decision = decide({ vmi: instance('External'), request: more });
      return decision.do === 'mark' && decision.dryRun;
    };
    assert.equal(isDry({}), false);
    assert.equal(isDry({ dryRun: true }), true);
    assert.equal(isDry({ eviction: { dryRun: true, requestedBy: undefined } }), true);
  });

  it('anything is refused in 300 characters, the longest names included', () => {
    const long = 'n'.repeat(63);
    const rename = (metadata: Pod['metadata']) => metadata && { ...metadata, name: long, namespace: long };
    for (const entry of TABLE) {
      const pod = entry.pod ?? launcher();
      const renamed = { ...pod, metadata: { ...rename(pod.metadata), annotations: { 'kubevirt.io/domain': long } } };
      const vmi = entry.vmi && { ...entry.vmi, metadata: rename(entry.vmi.metadata) };
      const message = messageOf(decide({ ...entry, pod: renamed, vmi }));
      assert.ok(message.length <= 300, `${message.length}: ${message}`);
    }
  });

  it('a pod without a VM is never refused, whatever it looks like', () => {
    const labels = fc.dictionary(fc.constantFrom('kubevirt.io', 'app'), fc.constantFrom('virt-agent', 'web', ''));
    const strategies = fc.constantFrom('None', 'LiveMigrate', 'External', '');
    fc.assert(
      fc.property(labels, strategies, fc.string(), (ofPod, clusterStrategy, name) => {
        const pod = launcher({ metadata: { labels: ofPod } });
        const subject = { pod, vmi: instance('LiveMigrate') };
        const settings = { callerKnown: true, cachesFilled: true, clusterStrategy };
        assert.deepEqual(decideEviction(request({ name }), subject, settings), { do: 'allow' });
      }),
    );
  });
});
