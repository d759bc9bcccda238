import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { timestamp } from '../../../../src/api/timestamp.js';
import { withCondition } from '../../../../src/api/vmi/condition.js';
import type { DomainView } from '../../../../src/agent/hypervisor/hypervisor.js';
import { reportEvents } from '../../../../src/agent/vm/report-events.js';
import {
  finalStatus,
  runningStatus,
  SYNC_FAILED,
  withFreeze,
  withSyncProblem,
} from '../../../../src/agent/vm/status.js';

const NOW_MS = Date.parse('2026-01-02T03:04:05.678Z');
const NOW = timestamp(NOW_MS);
const vmi: VirtualMachineInstance = {
  metadata: { name: 'web', namespace: 'default', uid: 'u' },
  spec: {
    domain: { devices: {}, memory: { guest: '128Mi' }, cpu: { cores: 2 } },
    volumes: [{ name: 'root', containerDisk: { image: 'x' } }],
  },
  status: {
    phase: 'Scheduled',
    phaseTransitionTimestamps: [{ phase: 'Scheduled', phaseTransitionTimestamp: '2026-01-01T00:00:00Z' }],
    conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    interfaces: [{ name: 'default', ipAddress: '10.0.0.9', ipAddresses: ['10.0.0.9'], podInterfaceName: 'eth0' }],
  },
};
const view = (change: Partial<DomainView> = {}): DomainView =>
  ({
    state: 'running',
    xml: {
      vmiUid: 'u',
      machine: 'pc-q35-7.2',
      emulated: true,
      currentMemoryKiB: 131072n,
      disks: [{ name: 'root', target: 'vda' }],
      interfaces: [{ name: 'default', mac: '02:00:00:00:00:01' }],
      guestAgentConnected: false,
    },
    ...change,
  }) as DomainView;
const types = (status: { conditions?: { type: string }[] }) => (status.conditions ?? []).map(({ type }) => type);

const THAWED: { readonly frozen: boolean; readonly thawedBecause: string | undefined } = {
  frozen: false,
  thawedBecause: undefined,
};

describe('status of a VMI', () => {
  it('tells of a running domain and keeps what others wrote', () => {
    const status = runningStatus(vmi, view(), undefined, 'unavailable', NOW);
    assert.equal(status.phase, 'Running');
    assert.deepEqual(status.phaseTransitionTimestamps?.at(-1), {
      phase: 'Running',
      phaseTransitionTimestamp: '2026-01-02T03:04:05Z',
    });
    assert.deepEqual(types(status), ['Ready', 'LiveMigratable', 'SoftwareEmulation']);
    assert.deepEqual(status.conditions?.[0], vmi.status?.conditions?.[0]);
    assert.deepEqual(status.interfaces, [
      {
        name: 'default',
        ipAddress: '10.0.0.9',
        ipAddresses: ['10.0.0.9'],
        podInterfaceName: 'eth0',
        mac: '02:00:00:00:00:01',
        queueCount: 1,
        linkState: 'up',
        infoSource: 'domain',
      },
    ]);
    assert.deepEqual(status.volumeStatus, [{ name: 'root', target: 'vda' }]);
    assert.deepEqual(status.memory, { guestAtBoot: '128Mi', guestRequested: '128Mi', guestCurrent: '128Mi' });
    assert.deepEqual(status.currentCPUTopology, { cores: 2, sockets: 1, threads: 1 });
    assert.deepEqual(status.machine, { type: 'pc-q35-7.2' });
  });

  it('says KVMUnavailable only where KVM is unavailable, and that the settings chose emulation where they did', () => {
    const why = (...of: Parameters<typeof runningStatus>): string | undefined =>
      runningStatus(...of).conditions?.find(({ type }) => type === 'SoftwareEmulation')?.reason;
    assert.equal(why(vmi, view(), undefined, 'unavailable', NOW), 'KVMUnavailable');
    assert.equal(why(vmi, view(), undefined, 'chosen', NOW), 'UseEmulation');
    assert.equal(why(vmi, view(), undefined, undefined, NOW), undefined);
  });

  it('is the same the second time, however late', () => {
    const first = runningStatus(vmi, view(), undefined, 'unavailable', NOW);
    assert.deepEqual(
      runningStatus({ ...vmi, status: first }, view(), undefined, 'unavailable', timestamp(NOW_MS + 1e9)),
      first,
    );
  });

  it('adds the guest agent and removes it again', () => {
    const xml = { ...view().xml, guestAgentConnected: true };
    const guest = {
      os: { name: 'Debian' },
      interfaces: [{ name: 'enp1s0', mac: '02:00:00:00:00:01', addresses: ['10.0.0.66'] }],
    };
    const status = runningStatus(vmi, view({ xml }), guest, undefined, NOW);
    assert.ok(types(status).includes('AgentConnected'));
    const [{ interfaceName, infoSource } = {}] = status.interfaces ?? [];
    assert.deepEqual([interfaceName, infoSource], ['enp1s0', 'domain, guest-agent']);
    assert.deepEqual(status.interfaces?.[0]?.ipAddresses, ['10.0.0.9'], 'the pod’s, whatever the guest says');
    assert.deepEqual(status.guestOSInfo, { name: 'Debian' });
    assert.ok(!types(runningStatus({ ...vmi, status }, view(), undefined, undefined, NOW)).includes('AgentConnected'));
  });

  it('has the addresses of a network beside the pod’s from Multus, then from the guest', () => {
    const lan = { podInterfaceName: 'pod094a367b026', infoSource: 'multus-status', ipAddresses: ['10.30.0.7'] };
    const [before = { name: '' }] = vmi.status?.interfaces ?? [];
    const told = (addresses?: string[]) => {
      const guest =
        addresses === undefined ? undefined : { interfaces: [{ name: 'eth1', mac: '02:00:00:00:00:01', addresses }] };
      const status = runningStatus(
        { ...vmi, status: { ...vmi.status, interfaces: [{ ...before, ...lan, ipAddress: '10.30.0.7' }] } },
        view(),
        guest,
        undefined,
        NOW,
      );
      const [{ infoSource, ipAddress, ipAddresses } = {}] = status.interfaces ?? [];
      return { infoSource, ipAddress, ipAddresses };
    };
    const given = { ipAddress: '10.30.0.7', ipAddresses: ['10.30.0.7'] };
    assert.deepEqual(told(), { infoSource: 'domain, multus-status', ...given });
    assert.deepEqual(told([]), { infoSource: 'domain, guest-agent, multus-status', ...given });
    assert.deepEqual(told(['192.168.7.7', 'fd00::7']), {
      infoSource: 'domain, guest-agent, multus-status',
      ipAddress: '192.168.7.7',
      ipAddresses: ['192.168.7.7', 'fd00::7'],
    });
  });

  it('says that the guest is frozen, and by an event when it is and when it is not', () => {
    const running = { ...vmi.status, phase: 'Running' };
    const frozen = withFreeze(running, true);
    assert.equal(frozen.fsFreezeStatus, 'frozen');
    assert.ok(!('fsFreezeStatus' in withFreeze(frozen, false)));
    assert.ok(!('fsFreezeStatus' in finalStatus(frozen, { phase: 'Succeeded', message: '' }, NOW)));
    const events = (before: VirtualMachineInstance['status'], freezer: typeof THAWED) =>
      reportEvents(before, view(), undefined, freezer).map(
        ({ type, reason, message }) => `${type} ${reason} ${message}`,
      );
    assert.deepEqual(events(running, THAWED), []);
    assert.deepEqual(events(running, { ...THAWED, frozen: true }), [
      "Normal Frozen The guest's file systems are frozen",
    ]);
    assert.deepEqual(events(frozen, { ...THAWED, frozen: true }), []);
    assert.deepEqual(events(frozen, THAWED), ["Normal Thawed The guest's file systems are thawed"]);
    assert.deepEqual(events(frozen, { frozen: false, thawedBecause: 'the time is over' }), [
      "Warning Thawed The guest's file systems are thawed: the time is over",
    ]);
  });

  it('says whether the guest has its credentials, and leaves what it does not know', () => {
    const users = { qemuGuestAgent: { users: ['root'] } };
    const sshPublicKey = { source: { secret: { secretName: 'keys' } }, propagationMethod: users };
    const subject = { ...vmi, spec: { ...vmi.spec, accessCredentials: [{ sshPublicKey }] } };
    const said = (state: Parameters<typeof runningStatus>[5], before = subject) => {
      const { conditions } = runningStatus(before, view(), undefined, undefined, NOW, state);
      const found = conditions?.find(({ type }) => type === 'AccessCredentialsSynchronized');
      return found && [found.status, found.message];
    };
    const offline = { synced: false, message: 'Guest agent is offline', offline: true } as const;
    assert.deepEqual(said({ synced: true })?.[0], 'True');
    assert.deepEqual(said(offline), ['False', 'Guest agent is offline']);
    const status = runningStatus(subject, view(), undefined, undefined, NOW, { synced: true });
    assert.equal(said(undefined, { ...subject, status })?.[0], 'True', 'an agent that has just begun');
    assert.equal(said(undefined, { ...vmi, status } as typeof subject), undefined, 'they are gone from the VM');
    assert.ok(
      !types(finalStatus(status, { phase: 'Succeeded', message: '' }, NOW)).includes('AccessCredentialsSynchronized'),
    );
    const events = (
      before: typeof status | undefined,
      state: typeof offline | { synced: true } | { synced: false; message: string },
    ) => reportEvents({ ...before, phase: 'Running' }, view(), state, THAWED).map(({ reason }) => reason);
    assert.deepEqual(events(undefined, { synced: true }), ['AccessCredentialsSyncSuccess']);
    assert.deepEqual(events(status, { synced: true }), []);
    assert.deepEqual(events(status, offline), []);
    assert.deepEqual(events(status, { synced: false, message: 'no user' }), ['AccessCredentialsSyncFailed']);
  });

  it('has the size of the guest where the VMI gives it as resources only', () => {
    const { memory, cpu, ...domain } = vmi.spec.domain;
    const resources = { requests: { memory: '0' }, limits: { memory: '1Gi', cpu: '2' } };
    const spec = { ...vmi.spec, domain: { ...domain, resources } };
    const { memory: size, currentCPUTopology } = runningStatus({ ...vmi, spec }, view(), undefined, 'unavailable', NOW);
    assert.deepEqual([size?.guestAtBoot, currentCPUTopology], ['1Gi', { sockets: 2, cores: 1, threads: 1 }]);
    assert.ok(memory && cpu);
  });

  it('says who paused the guest', () => {
    const paused = (by: 'user' | 'io-error' | 'other') =>
      runningStatus(vmi, view({ state: 'paused', by }), undefined, undefined, NOW).conditions?.find(
        ({ type }) => type === 'Paused',
      )?.reason;
    assert.deepEqual(
      ['user', 'io-error', 'other'].map((by) => paused(by as 'user')),
      ['PausedByUser', 'PausedIOError', 'Paused'],
    );
  });

  it('carries a problem until the next success', () => {
    const status = withSyncProblem(vmi.status!, 'no disk', NOW);
    const [, problem] = status.conditions ?? [];
    assert.deepEqual(problem, {
      type: 'Synchronized',
      status: 'False',
      reason: SYNC_FAILED,
      message: 'no disk',
      lastProbeTime: null,
      lastTransitionTime: '2026-01-02T03:04:05Z',
    });
    assert.deepEqual(withSyncProblem(status, 'no disk', timestamp(NOW_MS + 5000)), status);
    const other = withSyncProblem(status, 'still none', timestamp(NOW_MS + 5000)).conditions![1]!;
    assert.equal(other.lastTransitionTime, '2026-01-02T03:04:05Z', 'only the message changed');
    assert.ok(!types(runningStatus({ ...vmi, status }, view(), undefined, undefined, NOW)).includes('Synchronized'));
  });

  it('ends without pause and agent, and with a reason when it failed', () => {
    let { conditions = [] } = vmi.status!;
    conditions = withCondition(conditions, { type: 'Paused', status: 'True' }, NOW);
    conditions = withCondition(conditions, { type: 'AgentConnected', status: 'True' }, NOW);
    const status = finalStatus({ ...vmi.status, conditions }, { phase: 'Failed', message: 'it crashed' }, NOW);
    assert.deepEqual(types(status), ['Ready']);
    assert.equal(status.phase, 'Failed');
    assert.equal(status.reason, 'it crashed');
    assert.equal(finalStatus({}, { phase: 'Succeeded', message: 'done' }, NOW).reason, undefined);
  });

  it('takes Ready away with the last phase, and says nothing of it where it was not', () => {
    const ended = finalStatus(vmi.status!, { phase: 'Succeeded', message: 'done' }, NOW).conditions?.[0];
    assert.deepEqual([ended?.type, ended?.status, ended?.reason], ['Ready', 'False', 'GuestEnded']);
    assert.equal(ended?.lastTransitionTime, NOW);
    const paused = withCondition([], { type: 'Ready', status: 'False', reason: 'GuestPaused' }, NOW);
    assert.equal(
      finalStatus({ conditions: paused }, { phase: 'Failed', message: 'x' }, NOW).conditions?.[0]?.reason,
      'GuestPaused',
    );
    assert.deepEqual(finalStatus({}, { phase: 'Failed', message: 'x' }, NOW).conditions, []);
  });
});
