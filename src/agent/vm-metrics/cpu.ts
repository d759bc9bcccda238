import type { VcpuTime } from '../pod/vm-process.js';
import type { Observed, VmMetric } from './metric.js';

const ofVcpus = function* (
  { pod }: Observed,
  read: (vcpu: VcpuTime) => number | undefined,
): Generator<readonly [readonly string[], number | undefined]> {
  for (const vcpu of pod?.process?.vcpus ?? []) yield [[String(vcpu.id)], read(vcpu)];
};

/** From the container's cgroup, and from the threads of its QEMU. */
export const CPU_METRICS: readonly VmMetric[] = [
  {
    name: 'kubevirt_vmi_cpu_usage_seconds_total',
    help: 'Processor time of the VM: vCPUs, emulation, and all else in its container.',
    kind: 'counter',
    value: ({ pod }) => pod?.cgroup.cpuSeconds,
  },
  {
    name: 'kubevirt_vmi_cpu_user_usage_seconds_total',
    help: 'The part of it that was spent in programs; under KVM the guest is one.',
    kind: 'counter',
    value: ({ pod }) => pod?.cgroup.cpuUserSeconds,
  },
  {
    name: 'kubevirt_vmi_cpu_system_usage_seconds_total',
    help: 'The part of it that was spent in the kernel of the node.',
    kind: 'counter',
    value: ({ pod }) => pod?.cgroup.cpuSystemSeconds,
  },
  {
    name: 'kubevirt_vmi_vcpu_seconds_total',
    help: 'Processor time of each vCPU that is not offline.',
    kind: 'counter',
    labels: ['id', 'state'],
    // A state that changed from scrape to scrape would make a new series each time, and rates of none of them.
    values: function* (observed) {
      for (const [[id = ''], seconds] of ofVcpus(observed, (vcpu) => vcpu.seconds)) yield [[id, 'running'], seconds];
    },
  },
  {
    name: 'kubevirt_vmi_vcpu_wait_seconds_total',
    help: 'Time that each vCPU waited for a disk of the node. Only where the node counts it: sysctl kernel.sched_schedstats=1.',
    kind: 'counter',
    labels: ['id'],
    values: (observed) => ofVcpus(observed, ({ waitSeconds }) => waitSeconds),
  },
  {
    name: 'kubevirt_vmi_vcpu_delay_seconds_total',
    help: 'Time that each vCPU could have run and waited for a CPU of the node, or for the next period of its limit.',
    kind: 'counter',
    labels: ['id'],
    values: (observed) => ofVcpus(observed, ({ delaySeconds }) => delaySeconds),
  },
  {
    name: 'kubevirt_vmi_emulator_cpu_seconds_total',
    help: 'Processor time of those threads of QEMU that are no vCPU and no I/O thread.',
    kind: 'counter',
    value: ({ pod }) => pod?.process?.emulatorSeconds,
  },
  {
    name: 'kubevirt_vmi_iothread_cpu_seconds_total',
    help: "Processor time of QEMU's I/O threads together.",
    kind: 'counter',
    value: ({ pod }) => pod?.process?.ioThreadSeconds,
  },
  {
    name: 'kubevirt_vmi_cpu_throttled_seconds_total',
    help: 'Time that a CPU limit held back the VM: all of it (scope pod), or a group of its threads.',
    kind: 'counter',
    labels: ['scope'],
    values: function* ({ pod }) {
      for (const { scope, seconds } of pod?.cgroup.throttled ?? []) yield [[scope], seconds];
    },
  },
];
