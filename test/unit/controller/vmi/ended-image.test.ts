import assert from 'node:assert/strict';
import { timestamp } from '../../../../src/api/timestamp.js';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { decideVmi } from '../../../../src/controller/vmi/decision.js';
import type { VmiPlan } from '../../../../src/controller/vmi/plan.js';
import { COMPUTE_ID, instance, instanceSpec, NOW, runningPod } from '../objects.js';

const of = (phase: string): VirtualMachineInstance => ({
  ...instance({ phase, nodeName: 'node-a', activePods: { 'pod-uid': 'node-a' } }),
  spec: { ...instanceSpec(), volumes: [{ name: 'root', containerDisk: { image: 'debian:13' } }] },
});

/** The pod goes on; its image's container ended so many seconds ago. */
const without = (secondsAgo: number, containers = ['volumeroot']) =>
  runningPod({
    containerStatuses: [
      { name: 'compute', ready: false, containerID: `containerd://${COMPUTE_ID}`, state: { running: {} } },
      ...containers.map((name) => ({
        name,
        ready: false,
        state: {
          terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: timestamp(NOW - secondsAgo * 1000) },
        },
      })),
    ],
  });

const look = (phase: string, secondsAgo: number, containers?: string[]): VmiPlan =>
  decideVmi({
    vmi: of(phase),
    pods: [without(secondsAgo, containers)],
    nodeGone: false,
    ownerGone: false,
    now: NOW,
  });

describe('a pod whose image’s container has ended while it goes on', () => {
  it('fails a guest that no agent has yet, at once, naming the volume and why', () => {
    const { after } = look('Scheduling', 0);
    assert.equal(after.status?.phase, 'Failed');
    const told = findCondition(after.status.conditions, 'Synchronized');
    assert.match(
      told?.message ?? '',
      /container volumeroot, .* image of volume root, .* \(exit code 137, OOMKilled\)$/,
    );
  });

  it('fails one that its agent cannot start, after some time for what else may have happened', () => {
    const early = look('Scheduled', 5);
    assert.equal(early.after.status?.phase, 'Scheduled');
    assert.equal(early.requeueAfterMs, 15_000);
    assert.equal(look('Scheduled', 21).after.status?.phase, 'Failed');
  });

  it('leaves one alone that runs: its QEMU has the disk open', () => {
    assert.equal(look('Running', 3600).after.status?.phase, 'Running');
  });

  it('fails a guest whose directory nobody shares any more', () => {
    const vmi = of('Scheduling');
    vmi.spec.volumes = [...(vmi.spec.volumes ?? []), { name: 'conf', configMap: { name: 'app' } }];
    vmi.spec.domain.devices.filesystems = [{ name: 'conf', virtiofs: {} }];
    const pods = [without(0, ['virtiofs-conf'])];
    const { after } = decideVmi({ vmi, pods, nodeGone: false, ownerGone: false, now: NOW });
    assert.equal(after.status?.phase, 'Failed');
    const told = findCondition(after.status.conditions, 'Synchronized');
    assert.match(told?.message ?? '', /container virtiofs-conf, which shares volume conf with the guest, ended/);
  });

  it('is not told of containers that are not the VM’s', () => {
    assert.equal(look('Scheduled', 3600, ['sidecar']).after.status?.phase, 'Scheduled');
  });
});
