import { Gauge, type Registry } from 'prom-client';
import {
  EXCEPTION_STATES,
  type VirtualMachinePolicy,
  type VirtualMachinePolicyException,
} from '../../api/schema/policies.js';
import { isTrue } from '../../api/vmi/condition.js';
import { isPaused, pausedUntil } from '../../policies/pause.js';

export interface PolicyFleet {
  readonly policies: () => readonly VirtualMachinePolicy[];
  readonly exceptions: () => readonly VirtualMachinePolicyException[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface PolicyFleetMetrics {
  /** To be called once the caches are there. */
  watch(fleet: PolicyFleet): void;
}

/** Only the replica that leads shows them: the sum over replicas is the truth. */
export const policyFleetMetrics = (registry: Registry): PolicyFleetMetrics => {
  const registers = [registry];
  let fleet: PolicyFleet | undefined;
  new Gauge({
    name: 'kubevirt_policy_paused',
    help: 'Policies that are paused at this moment, each by itself; a pause of all is not counted.',
    registers,
    collect() {
      const now = fleet?.now() ?? 0;
      const paused = (fleet?.policies() ?? []).filter(({ metadata }) =>
        isPaused(pausedUntil(metadata?.annotations ?? {}), now),
      );
      this.set(paused.length);
    },
  });
  new Gauge({
    name: 'kubevirt_policy_not_ready',
    help: 'Policies whose condition Ready is not True: their expressions do not compile.',
    registers,
    collect() {
      this.set((fleet?.policies() ?? []).filter(({ status }) => !isTrue(status?.conditions, 'Ready')).length);
    },
  });
  new Gauge({
    name: 'kubevirt_policy_exceptions',
    help: 'Exceptions from policies by their state.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const state of EXCEPTION_STATES) {
        const found = (fleet?.exceptions() ?? []).filter(({ status }) => status?.state === state);
        if (fleet !== undefined) this.set({ state }, found.length);
      }
    },
  });
  new Gauge({
    name: 'kubevirt_policy_next_exception_expiry_seconds',
    help: 'Seconds until the next active exception ends; NaN where there is none.',
    registers,
    collect() {
      const active = (fleet?.exceptions() ?? []).filter(({ status }) => status?.state === 'Active');
      const ends = active.map(({ spec }) => Date.parse(spec.expiresAt)).filter((end) => !Number.isNaN(end));
      // Not as arguments: there may be more than a call takes.
      const next = ends.reduce((first, end) => Math.min(first, end), Infinity);
      this.set(fleet !== undefined && next < Infinity ? Math.max(0, (next - fleet.now()) / 1000) : Number.NaN);
    },
  });
  return {
    watch: (given) => {
      fleet = given;
    },
  };
};
