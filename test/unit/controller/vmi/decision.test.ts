import assert from 'node:assert/strict';
import { timestamp } from '../../../../src/api/timestamp.js';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { isOutdated } from '../../../../src/controller/vmi/launcher-pods.js';
import { LAUNCHER_PROFILE, launcherPodName } from '../../../../src/launcher/index.js';
import { decideVmi } from '../../../../src/controller/vmi/decision.js';
import type { VmiPlan, VmiView } from '../../../../src/controller/vmi/plan.js';
import { mergePatch } from '../../../../src/kube/client/patch.js';
import type { SlimPod } from '../../../../src/controller/cache-transforms.js';
import type { Pod, PodStatus } from '../../../../src/kube/types.js';
import { COMPUTE_ID, instance, NOW, pod, runningPod } from '../objects.js';

const look = (vmi: VirtualMachineInstance, pods: SlimPod[] = [], more: Partial<VmiView> = {}): VmiPlan =>
  decideVmi({ vmi, pods, nodeGone: false, ownerGone: false, now: NOW, ...more });
const ago = (seconds: number): string => timestamp(NOW - seconds * 1000);
const condition = ({ after }: VmiPlan, type: string) => findCondition(after.status?.conditions, type);
const handedOver = (phase: string, metadata: VirtualMachineInstance['metadata'] = {}): VirtualMachineInstance =>
  instance(
    {
      phase,
      nodeName: 'node-a',
      activePods: { 'pod-uid': 'node-a' },
      phaseTransitionTimestamps: [{ phase, phaseTransitionTimestamp: ago(5) }],
    },
    metadata,
  );
const deleted = (seconds: number) => ({ deletionTimestamp: ago(seconds) });
const waitingFor = (reason: string, message: string): PodStatus => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'volumeroot', image: 'debian:13', state: { waiting: { reason, message } } }],
});

describe('what is done about a VMI', () => {
  describe('Pending', () => {
    it('asks for a pod, after making sure that there is none', () => {
      const plan = look(instance({ phase: 'Pending' }));
      assert.equal(plan.createPod, true);
      assert.equal(plan.assumesNoPod, true);
    });

    it('becomes Scheduling in one write when the pod is there', () => {
      const plan = look(instance({ phase: 'Pending' }), [pod()]);
      assert.equal(plan.createPod, false);
      assert.equal(plan.after.status?.phase, 'Scheduling');
      assert.deepEqual(plan.after.status.phaseTransitionTimestamps, [
        { phase: 'Scheduling', phaseTransitionTimestamp: timestamp(NOW) },
      ]);
      assert.equal(condition(plan, 'Ready')?.reason, 'GuestNotRunning');
    });

    it('replaces a pod that waits by settings of yesterday: back from Scheduling, the old one away, then a new one', () => {
      const back = look(instance({ phase: 'Scheduling' }), [pod()], { podOutdated: true });
      assert.equal(back.after.status?.phase, 'Pending');
      assert.deepEqual(back.deletePods, []);
      const away = look(instance({ phase: 'Pending' }), [pod()], { podOutdated: true });
      assert.deepEqual([away.deletePods.length, away.createPod], [1, false]);
      assert.equal(away.after.status?.phase, 'Pending');
      const going = pod();
      going.metadata = { ...going.metadata, deletionTimestamp: ago(1) };
      const waits = look(instance({ phase: 'Pending' }), [going]);
      assert.deepEqual([waits.deletePods.length, waits.createPod, waits.after.status?.phase], [0, false, 'Pending']);
      assert.equal(look(instance({ phase: 'Pending' })).createPod, true);
    });

    it('takes a pod for outdated only while no node has it, and only where KVM makes the difference', () => {
      const asking = (kvm: boolean, nodeName?: string): Pod => ({
        spec: {
          nodeName,
          containers: [{ name: 'compute', resources: kvm ? { limits: { 'devices.kubevirt.io/kvm': '1' } } : {} }],
        },
        status: { phase: 'Pending' },
      });
      const offline = instance();
      offline.spec.domain.devices.interfaces = [];
      const outdated = (subject: Pod, useEmulation: boolean): boolean =>
        isOutdated(offline, subject, () => ({ useEmulation, nodes: [] }));
      assert.equal(outdated(asking(true), true), true);
      assert.equal(outdated(asking(false), false), true);
      assert.equal(outdated(asking(true), false), false);
      assert.equal(outdated(asking(false), true), false);
      assert.equal(outdated(asking(true, 'node-a'), true), false);
    });

    it('takes it for outdated where the seccomp profile that it waits for is none that nodes have, or there is one by now', () => {
      const node = (profile?: string): Record<string, string> => ({
        'kubevirt.io/schedulable': 'true',
        ...(profile === undefined ? {} : { 'kubevirt.io/seccomp-profile': profile }),
      });
      const outdated = (profile: string | undefined, nodes: Record<string, string>[]): boolean => {
        const waits: Pod = { spec: { nodeSelector: node(profile), containers: [{ name: 'compute' }] } };
        const subject = instance();
        subject.spec.domain.devices.interfaces = [{ name: 'default', passtBinding: {} }];
        return isOutdated(subject, waits, () => ({ useEmulation: true, nodes }));
      };
      const { digest } = LAUNCHER_PROFILE;
      assert.equal(outdated(digest, [node(digest), node()]), false);
      assert.equal(outdated(digest, []), false, 'no node yet');
      assert.equal(outdated(digest, [node(), node('b'.repeat(32))]), true);
      assert.equal(outdated(undefined, [node()]), false);
      assert.equal(outdated(undefined, [node(), node(digest)]), true);
      assert.equal(outdated('b'.repeat(32), [node(digest)]), true);
    });

    it('treats a VMI without status as Pending, and gives it the finalizer', () => {
      const plan = look(instance(undefined, { finalizers: [] }), [pod()]);
      assert.deepEqual(plan.after.metadata?.finalizers, ['kubevirt.io/foregroundDeleteVirtualMachine']);
    });

    it('is let go when it is deleted, Failed for those who wait for its end', () => {
      const plan = look(instance({ phase: 'Pending' }, deleted(1)));
      assert.equal(plan.createPod, false);
      assert.equal(plan.assumesNoPod, true);
      assert.equal(plan.after.status?.phase, 'Failed');
      assert.deepEqual(plan.after.metadata?.finalizers, ['kubevirt.io/virtualMachineControllerFinalize']);
      const orphan = look(instance({ phase: 'Pending' }, deleted(1)), [], { ownerGone: true });
      assert.deepEqual(orphan.after.metadata?.finalizers, []);
    });
  });

  describe('Scheduling', () => {
    it('asks what a pod waits for whose volumes are not mounted, and tells it once', () => {
      const waits = pod({
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: ago(3) }],
        containerStatuses: [{ name: 'compute', state: { waiting: { reason: 'PodInitializing' } } }],
      });
      const vmi = instance({ phase: 'Scheduling' });
      assert.equal(look(vmi, [waits]).requeueAfterMs, 1000, 'patience first');
      const later = { now: NOW + 2000, mountProblem: 'secret "init" not found' };
      const plan = look(vmi, [waits], later);
      const message = 'Secret init does not exist in namespace ns: create it, and the VM starts';
      assert.equal(condition(plan, 'Synchronized')?.reason, 'SecretNotFound');
      assert.equal(condition(plan, 'Synchronized')?.message, message);
      assert.deepEqual(plan.events, [{ type: 'Warning', reason: 'SecretNotFound', message }]);
      assert.equal(plan.requeueAfterMs, 10_000);
      const again = look(plan.after, [waits], later);
      assert.deepEqual(again.events, []);
      const mounted = pod({ ...waits.status, containerStatuses: [{ name: 'compute', state: { running: {} } }] });
      assert.equal(condition(look(plan.after, [mounted]), 'Synchronized'), undefined);
      // What kubelet says on the way to that is no news, nor is its silence about a pod that was made again.
      for (const mountProblem of ['failed to sync secret cache: timed out waiting for the condition', undefined])
        assert.equal(condition(look(plan.after, [waits], { mountProblem }), 'Synchronized')?.message, message);
      const afterwards = look({ ...plan.after, status: { ...plan.after.status, phase: 'Pending' } }, [pod({})]);
      assert.equal(condition(afterwards, 'Synchronized')?.message, message);
      assert.deepEqual(afterwards.events, []);
    });

    it('names a claim that nothing binds, and says how much is asked for and free', () => {
      const told = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' };
      const unbound = { reason: 'ClaimNotBound', message: 'volume d' } as const;
      const waits = pod({ phase: 'Pending', conditions: [told] });
      const plan = look(instance({ phase: 'Scheduling' }), [waits], { scheduling: { unbound, room: 'asks, free' } });
      assert.equal(condition(plan, 'PodScheduled')?.message, '0/1 nodes; asks, free');
      assert.deepEqual(plan.events, [{ type: 'Warning', ...unbound }]);
      assert.equal(condition(plan, 'Synchronized')?.reason, 'ClaimNotBound');
      assert.deepEqual(look(plan.after, [waits], { scheduling: { unbound } }).events, []);
      assert.equal(condition(look(plan.after, [waits]), 'Synchronized'), undefined);
    });

    const scheduling = instance({ phase: 'Scheduling' });

    it('is handed over in one write when the pod runs', () => {
      const { after } = look(scheduling, [runningPod()]);
      const patch = mergePatch(
        { metadata: scheduling.metadata, status: scheduling.status },
        { metadata: after.metadata, status: after.status },
      );
      assert.deepEqual(patch, {
        metadata: { labels: { 'kubevirt.io/nodeName': 'node-a' } },
        status: {
          phase: 'Scheduled',
          phaseTransitionTimestamps: [{ phase: 'Scheduled', phaseTransitionTimestamp: timestamp(NOW) }],
          nodeName: 'node-a',
          activePods: { 'pod-uid': 'node-a' },
          qosClass: 'Burstable',
          launcherContainerImageVersion: 'launcher:1',
          launcherPod: { containers: [{ name: 'compute', id: COMPUTE_ID }] },
          interfaces: [
            { name: 'default', ipAddress: '10.0.0.9', ipAddresses: ['10.0.0.9', 'fd00::9'], podInterfaceName: 'eth0' },
          ],
          conditions: [
            {
              type: 'Ready',
              status: 'False',
              reason: 'GuestNotRunning',
              message: 'Guest VM is not reported as running',
              lastProbeTime: null,
              lastTransitionTime: timestamp(NOW),
            },
          ],
        },
      });
    });

    const notYet: [string, SlimPod][] = [
      ['it is Pending', pod({ phase: 'Pending' })],
      [
        'compute has not started',
        runningPod({ containerStatuses: [{ name: 'volumeroot', ready: true, state: { running: {} } }] }),
      ],
      [
        'an image is not ready',
        runningPod({
          containerStatuses: [
            { name: 'compute', state: { running: {} } },
            { name: 'volumeroot', ready: false, state: { running: {} } },
          ],
        }),
      ],
      ['it has no address', runningPod({ podIP: undefined })],
    ];
    for (const [name, subject] of notYet) {
      it(`waits while ${name}`, () => assert.equal(look(scheduling, [subject]).after.status?.phase, 'Scheduling'));
    }

    const failing: [string, SlimPod, string, RegExp][] = [
      [
        'the pod failed',
        pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
        'Evicted',
        /low on memory/,
      ],
      [
        'a container ended',
        pod({
          phase: 'Failed',
          initContainerStatuses: [{ name: 'init', state: { terminated: { exitCode: 3, reason: 'Error' } } }],
        }),
        'PodFailed',
        /container init ended with exit code 3 Error/,
      ],
      ['the pod ended', pod({ phase: 'Succeeded' }), 'PodEnded', /ended before the guest started/],
      [
        'the pod is being deleted',
        { ...pod(), metadata: { ...pod().metadata, ...deleted(1) } },
        'PodDeleted',
        /was deleted/,
      ],
      [
        'compute ended',
        runningPod({ containerStatuses: [{ name: 'compute', state: { terminated: { exitCode: 1 } } }] }),
        'PodFailed',
        /compute ended with exit code 1/,
      ],
    ];
    for (const [name, subject, reason, message] of failing) {
      it(`fails with the reason in status, condition and event when ${name}`, () => {
        const plan = look(scheduling, [subject]);
        assert.equal(plan.after.status?.phase, 'Failed');
        assert.equal(plan.after.status.reason, reason);
        assert.equal(condition(plan, 'Synchronized')?.reason, reason);
        assert.match(condition(plan, 'Synchronized')?.message ?? '', message);
        assert.equal(plan.events[0]?.type, 'Warning');
        assert.match(plan.events[0].message, message);
      });
    }

    it('fails when the pod is gone, but only after asking the API server', () => {
      const plan = look(scheduling);
      assert.equal(plan.after.status?.phase, 'Failed');
      assert.equal(plan.assumesNoPod, true);
    });

    it('says that no node fits, until one does', () => {
      const unschedulable = pod({
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
      });
      const plan = look(scheduling, [unschedulable]);
      assert.equal(condition(plan, 'PodScheduled')?.reason, 'Unschedulable');
      assert.equal(condition(plan, 'PodScheduled')?.message, '0/3 nodes');
      assert.equal(condition(look(plan.after, [pod({ phase: 'Pending' })]), 'PodScheduled'), undefined);
    });

    it('says which image cannot be pulled and why, in two writes at most', () => {
      const first = look(scheduling, [pod(waitingFor('ErrImagePull', 'no such host'))]);
      assert.equal(condition(first, 'Synchronized')?.reason, 'ErrImagePull');
      assert.match(
        condition(first, 'Synchronized')?.message ?? '',
        /: image debian:13 cannot be pulled; check .*: no such host/,
      );
      const second = look(first.after, [pod(waitingFor('ImagePullBackOff', 'Back-off pulling'))]);
      assert.equal(condition(second, 'Synchronized')?.reason, 'ImagePullBackOff');
      assert.match(condition(second, 'Synchronized')?.message ?? '', /no such host/);
      const third = look(second.after, [pod(waitingFor('ErrImagePull', 'no such host'))]);
      assert.deepEqual(third.after, second.after);
      const pulled = look(third.after, [runningPod()]);
      assert.equal(pulled.after.status?.phase, 'Scheduled');
      assert.equal(condition(pulled, 'Synchronized'), undefined);
    });

    it('takes a pod with it when it is deleted', () => {
      const plan = look(instance({ phase: 'Scheduling' }, deleted(1)), [pod()]);
      assert.deepEqual(
        plan.deletePods.map(({ metadata }) => metadata?.uid),
        ['pod-uid'],
      );
      assert.equal(plan.after.status?.phase, 'Scheduling');
      assert.deepEqual(plan.after.metadata?.finalizers?.length, 2);
    });
  });

  describe('Scheduled and Running', () => {
    it('mirrors the readiness of the pod while the guest runs', () => {
      assert.equal(condition(look(handedOver('Scheduled'), [runningPod()]), 'Ready')?.reason, 'GuestNotRunning');
      assert.equal(condition(look(handedOver('Running'), [runningPod()]), 'Ready')?.status, 'True');
      const unready = runningPod({ conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }] });
      assert.equal(condition(look(handedOver('Running'), [unready]), 'Ready')?.reason, 'ContainersNotReady');
      const missing = runningPod({ conditions: [] });
      assert.equal(condition(look(handedOver('Running'), [missing]), 'Ready')?.reason, 'PodConditionMissing');
      const going = { ...runningPod(), metadata: { ...pod().metadata, ...deleted(1) } };
      assert.equal(condition(look(handedOver('Running'), [going]), 'Ready')?.reason, 'PodTerminating');
      const paused = handedOver('Running');
      paused.status!.conditions = [{ type: 'Paused', status: 'True' }];
      assert.equal(condition(look(paused, [runningPod()]), 'Ready')?.status, 'False');
    });

    it('changes nothing when nothing changed', () => {
      const first = look(handedOver('Running'), [runningPod()]);
      const second = look(first.after, [runningPod()], { now: NOW + 60_000 });
      assert.equal(mergePatch(first.after, second.after), undefined);
    });

    it('leaves phase and conditions of the agent alone', () => {
      const vmi = handedOver('Running');
      vmi.status!.conditions = [
        { type: 'AgentConnected', status: 'True' },
        { type: 'LiveMigratable', status: 'False' },
      ];
      const types = look(vmi, [runningPod()]).after.status?.conditions?.map(({ type }) => type);
      assert.deepEqual(types, ['AgentConnected', 'LiveMigratable', 'Ready']);
    });

    it('fails when its pod or its node is gone', () => {
      const gone = look(handedOver('Running'));
      assert.equal(gone.after.status?.phase, 'Failed');
      assert.equal(gone.assumesNoPod, true);
      const node = look(handedOver('Running'), [runningPod()], { nodeGone: true });
      assert.equal(node.after.status?.phase, 'Failed');
      assert.match(node.events[0]!.message, /node node-a was removed/);
    });

    it('gives the agent a minute to say how a guest ended whose pod has ended', () => {
      const ended = (phase: string, seconds: number): SlimPod =>
        runningPod({
          phase,
          containerStatuses: [
            {
              name: 'compute',
              state: { terminated: { exitCode: phase === 'Failed' ? 1 : 0, finishedAt: ago(seconds) } },
            },
          ],
        });
      const early = look(handedOver('Running'), [ended('Succeeded', 10)]);
      assert.equal(early.after.status?.phase, 'Running');
      assert.equal(early.requeueAfterMs, 50_000);
      assert.equal(look(handedOver('Running'), [ended('Succeeded', 61)]).after.status?.phase, 'Succeeded');
      assert.equal(look(handedOver('Running'), [ended('Failed', 61)]).after.status?.phase, 'Failed');
      assert.equal(
        look(handedOver('Running'), [pod({ phase: 'Failed', reason: 'Evicted' })]).after.status?.reason,
        'Evicted',
      );
    });

    it('leaves a deleted VMI to the agent, and ends its pod when nothing comes of that', () => {
      const early = look(handedOver('Running', deleted(10)), [runningPod()]);
      assert.deepEqual(early.deletePods, []);
      assert.equal(early.requeueAfterMs, 80_000);
      const late = look(handedOver('Running', deleted(91)), [runningPod()]);
      assert.equal(late.deletePods.length, 1);
      assert.equal(late.after.status?.phase, 'Running');
    });
  });

  describe('ended', () => {
    it('deletes what is left of the pod, then lets the VMI go', () => {
      const first = look(handedOver('Succeeded', deleted(1)), [pod({ phase: 'Succeeded' })]);
      assert.equal(first.deletePods.length, 1);
      assert.equal(first.after.metadata?.finalizers?.length, 2);
      const going = { ...pod(), metadata: { ...pod().metadata, ...deleted(1) } };
      assert.deepEqual(look(handedOver('Succeeded', deleted(1)), [going]).deletePods, []);
      const stuck = { ...pod({ phase: 'Succeeded' }), metadata: going.metadata };
      assert.equal(look(handedOver('Succeeded', deleted(1)), [stuck]).deletePods.length, 1);
      const last = look(handedOver('Succeeded', deleted(1)));
      assert.equal(last.assumesNoPod, true);
      assert.deepEqual(last.after.metadata?.finalizers, ['kubevirt.io/virtualMachineControllerFinalize']);
    });

    it('gives the pod of a deleted VMI the moment that it needs to end by itself', () => {
      const early = look(handedOver('Succeeded', deleted(1)), [runningPod()]);
      assert.deepEqual([early.deletePods.length, early.requeueAfterMs], [0, 25_000]);
      const late = look(handedOver('Succeeded', deleted(1)), [runningPod()], { now: NOW + 26_000 });
      assert.equal(late.deletePods.length, 1);
    });

    it('keeps an ended pod for its logs, and ends one that lingers', () => {
      assert.deepEqual(look(handedOver('Succeeded'), [pod({ phase: 'Succeeded' })]).deletePods, []);
      const lingering = look(handedOver('Failed'), [runningPod()]);
      assert.deepEqual(lingering.deletePods, []);
      assert.equal(lingering.requeueAfterMs, 25_000);
      assert.equal(look(handedOver('Failed'), [runningPod()], { now: NOW + 26_000 }).deletePods.length, 1);
    });

    it('is never started again', () => {
      for (const phase of ['Succeeded', 'Failed']) assert.equal(look(handedOver(phase)).createPod, false);
    });
  });

  it('names the pod after the VMI, the same every time and another for another VMI', () => {
    const name = launcherPodName(instance());
    assert.match(name, /^virt-launcher-web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(name, launcherPodName(instance({ phase: 'Running' })));
    assert.notEqual(name, launcherPodName(instance({}, { uid: 'other' })));
    const long = launcherPodName(instance({}, { name: 'x'.repeat(200) }));
    assert.equal(long.length, 63);
    assert.match(long, /^virt-launcher-x+-[a-z0-9]{10}$/);
  });
});
