import { dedicatedCpus, type DedicatedCpus } from '../api/vmi/dedicated-cpus.js';
import { topology } from '../api/vmi/guest-size.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DomainContext } from './domain-input.js';
import { CpuPool } from './cpu-pool.js';
import { DomainError } from './error.js';
import { ioThreadPlan } from './iothreads.js';
import { element, type XmlElement } from './xml.js';

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/**
 * Where I/O threads without CPUs of their own run: on the emulator's where it is isolated, else on the vCPUs', in turn
 * or in slices. Source: docs/reference/domain.md §2.5; here all threads are pinned to the emulator's CPU, not only the
 * first.
 */
export const ioThreadCpus = (threads: number, vcpus: readonly number[], emulator: readonly number[]): number[][] => {
  if (emulator.length > 0) return times(threads, () => [...emulator]);
  if (threads >= vcpus.length) return times(threads, (i) => vcpus.slice((i + 1) % vcpus.length).slice(0, 1));
  const [each, longer] = [Math.floor(vcpus.length / threads), vcpus.length % threads];
  return times(threads, (i) => {
    const from = i * each + Math.min(i, longer);
    return vcpus.slice(from, from + each + (i < longer ? 1 : 0));
  });
};

const ioThreadPins = (
  vmi: VirtualMachineInstance,
  { ioThreads }: DedicatedCpus,
  pool: CpuPool,
): { pins: XmlElement[]; later: (vcpus: readonly number[], emulator: readonly number[]) => XmlElement[] } => {
  const pin = (iothread: number, cpus: readonly number[]) =>
    element('iothreadpin', { iothread, cpuset: cpus.join(',') });
  if (ioThreads > 0) {
    const pins = times(ioThreads, (i) => pin(i + 1, [pool.takeThread(`I/O thread ${i + 1}`)]));
    return { pins, later: () => [] };
  }
  const { total } = ioThreadPlan(vmi.spec);
  const later = (vcpus: readonly number[], emulator: readonly number[]) =>
    total === 0 ? [] : ioThreadCpus(total, vcpus, emulator).map((cpus, i) => pin(i + 1, cpus));
  return { pins: [], later };
};

/**
 * The node's CPU of each vCPU; undefined for a VM without dedicated ones.
 * @throws DomainError when the pod has too few
 */
export const pinnedVcpus = (vmi: VirtualMachineInstance, context: DomainContext): number[] | undefined =>
  placeVcpus(vmi, context)?.vcpus;

const placeVcpus = (vmi: VirtualMachineInstance, context: DomainContext) => {
  const dedicated = dedicatedCpus(vmi);
  if (dedicated === undefined) return undefined;
  if (context.exclusiveCpus === undefined)
    throw new DomainError(
      'NotSupported',
      'this machine has no CPUs to give away; remove it',
      'spec.domain.cpu.dedicatedCpuPlacement',
    );
  const { sockets, cores, threads } = topology(vmi.spec);
  const pool = new CpuPool(context.exclusiveCpus, threads);
  return { dedicated, pool, vcpus: pool.takeCores(sockets * cores) };
};

/**
 * `<cputune>` of a VM with dedicated CPUs: every vCPU, the emulator if it is isolated, and the I/O threads. Pins only:
 * shares and quotas are what libvirt's session mode cannot set.
 * @throws DomainError when the pod has too few CPUs
 */
export const cpuTune = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement | undefined => {
  const placed = placeVcpus(vmi, context);
  if (placed === undefined) return undefined;
  const { dedicated, pool, vcpus } = placed;
  const { pins, later } = ioThreadPins(vmi, dedicated, pool);
  const emulator = times(dedicated.emulator, () => pool.takeThread('the emulator'));
  return element(
    'cputune',
    {},
    vcpus.map((cpu, index) => element('vcpupin', { vcpu: index, cpuset: cpu })),
    emulator.length === 0 ? undefined : element('emulatorpin', { cpuset: emulator.join(',') }),
    pins,
    later(vcpus, emulator),
  );
};
