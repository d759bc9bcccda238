import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { fleetMetrics, type FleetSource } from './fleet-metrics.js';

/** Seconds; docs/reference/control.md §6.2. */
const BUCKETS = [0.5, 1, 2, 5, 10, 20, 30, 40, 50, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600];

export interface ControllerMetrics {
  /** To be called with every update of a VMI. */
  phases(vmi: VirtualMachineInstance, old: VirtualMachineInstance | undefined): void;
  leading(is: boolean): void;
  ready(is: boolean): void;
  /** To be called once the caches are there. */
  watch(source: FleetSource): void;
}

/** Phase transitions and state of the process, with the reference's names. */
export const controllerMetrics = (registry: Registry): ControllerMetrics => {
  const registers = [registry];
  const between = new Histogram({
    name: 'kubevirt_vmi_phase_transition_time_seconds',
    help: 'Time from one phase of a VMI to the next.',
    labelNames: ['phase', 'last_phase'],
    buckets: BUCKETS,
    registers,
  });
  const sinceCreation = new Histogram({
    name: 'kubevirt_vmi_phase_transition_time_from_creation_seconds',
    help: 'Time from the creation of a VMI to the phase.',
    labelNames: ['phase'],
    buckets: BUCKETS,
    registers,
  });
  const transitions = new Counter({
    name: 'kubevirt_vmi_phase_transitions_total',
    help: 'Phases entered by VMIs.',
    labelNames: ['phase'],
    registers,
  });
  const leading = new Gauge({
    name: 'kubevirt_virt_controller_leading_status',
    help: '1 while this process leads.',
    registers,
  });
  const ready = new Gauge({
    name: 'kubevirt_virt_controller_ready_status',
    help: '1 while the caches are current.',
    registers,
  });
  let leads = false;
  const fleet = fleetMetrics(registry, () => leads);
  return {
    watch: (source) => fleet.watch(source),
    leading: (is) => {
      leads = is;
      leading.set(Number(is));
    },
    ready: (is) => ready.set(Number(is)),
    phases: (vmi, old) => {
      fleet.ended(vmi, old);
      const known = old?.status?.phaseTransitionTimestamps?.length ?? 0;
      const times = vmi.status?.phaseTransitionTimestamps ?? [];
      const created = Date.parse(vmi.metadata?.creationTimestamp ?? '');
      // Without an old state it is history that another process has counted.
      if (!old) return;
      for (let index = known; index < times.length; index += 1) {
        const { phase = '', phaseTransitionTimestamp = '' } = times[index] ?? {};
        const at = Date.parse(phaseTransitionTimestamp);
        const before = times[index - 1];
        transitions.inc({ phase });
        if (Number.isFinite(at - created)) sinceCreation.observe({ phase }, (at - created) / 1000);
        const last = Date.parse(before?.phaseTransitionTimestamp ?? '');
        if (Number.isFinite(at - last)) between.observe({ phase, last_phase: before?.phase ?? '' }, (at - last) / 1000);
      }
    },
  };
};
