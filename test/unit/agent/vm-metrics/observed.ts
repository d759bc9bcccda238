import type { GuestUsage } from '../../../../src/agent/hypervisor/guest-usage.js';
import type { DomainView } from '../../../../src/agent/hypervisor/hypervisor.js';
import { domainUsage, type DomainUsage } from '../../../../src/agent/hypervisor/statistics.js';
import type { PodUsage } from '../../../../src/agent/pod/pod-usage.js';
import type { Measurable, MeasuredVm } from '../../../../src/agent/vm-metrics/observer.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import type { TypedValue } from 'node-libvirt';

export const vmiOf = (name: string): VirtualMachineInstance =>
  ({
    metadata: { namespace: 'default', name, uid: `uid-${name}` },
    spec: {
      domain: {
        memory: { guest: '2Gi' },
        resources: { requests: { memory: '1Gi' } },
        devices: { interfaces: [{ name: 'default', masquerade: {} }] },
      },
      networks: [{ name: 'default', pod: {} }],
    },
  }) as unknown as VirtualMachineInstance;

/** As libvirt names and counts. */
export const BULK: readonly (readonly [string, TypedValue])[] = [
  ['balloon.current', 2_097_152n],
  ['balloon.maximum', 2_097_152n],
  ['balloon.available', 2_000_000n],
  ['balloon.unused', 1_000_000n],
  ['balloon.usable', 1_500_000n],
  ['balloon.disk_caches', 400_000n],
  ['balloon.swap_in', 7n],
  ['balloon.swap_out', 8n],
  ['balloon.major_fault', 9n],
  ['balloon.minor_fault', 10n],
  ['block.count', 1],
  ['block.0.name', 'vda'],
  ['block.0.rd.reqs', 11n],
  ['block.0.rd.bytes', 4096n],
  ['block.0.rd.times', 1_500_000_000n],
  ['block.0.wr.reqs', 12n],
  ['block.0.wr.bytes', 8192n],
  ['block.0.wr.times', 2_500_000_000n],
  ['block.0.fl.reqs', 13n],
  ['block.0.fl.times', 500_000_000n],
];

export const usageOf = (changed: readonly (readonly [string, TypedValue])[] = []): DomainUsage =>
  domainUsage(new Map([...BULK, ...changed]));

export const POD: PodUsage = {
  cgroup: {
    cpuSeconds: 5,
    cpuUserSeconds: 3,
    cpuSystemSeconds: 2,
    throttled: [
      { scope: 'pod', seconds: 0.5 },
      { scope: 'vcpu0', seconds: 0.25 },
    ],
    anonymousBytes: 3_000_000,
  },
  process: {
    residentBytes: 2_500_000,
    swapBytes: 4096,
    ksmMergedBytes: 8192,
    vcpus: [{ id: 0, seconds: 2.5, delaySeconds: 0.125, waitSeconds: 0.5 }],
    ioThreadSeconds: 0.75,
    emulatorSeconds: 1.25,
  },
  devices: [
    {
      name: 'eth0',
      receive: { bytes: 100, packets: 10, errors: 1, drops: 2 },
      transmit: { bytes: 200, packets: 20, errors: 3, drops: 4 },
    },
  ],
};

export const GUEST: GuestUsage = {
  fileSystems: [{ disk: 'vda1', mountPoint: '/', type: 'ext4', capacityBytes: 1000, usedBytes: 600 }],
  load: [0.5, 0.25, 0.125],
};

export const VIEW = {
  state: 'running',
  xml: {
    emulated: true,
    disks: [{ name: 'rootdisk', target: 'vda' }],
    interfaces: [{ name: 'default' }],
    guestAgentConnected: true,
  },
} as const satisfies DomainView;

export const measured = (name: string, session: Partial<Measurable> = {}): MeasuredVm => ({
  vmi: vmiOf(name),
  session: {
    domainUsage: () => Promise.resolve(usageOf()),
    podUsage: () => Promise.resolve(POD),
    guestUsage: () => GUEST,
    domain: VIEW,
    ...session,
  },
});
