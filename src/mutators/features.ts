import type { Features } from '../api/schema/features.js';
import type { MutationStep } from './mutation.js';

/** Retries of a spinning vCPU before it notifies the hypervisor (Microsoft's own recommendation for guests). */
const SPINLOCK_RETRIES = 4096;

type State = { enabled?: boolean | undefined } | undefined;

const enable = (...states: readonly State[]): void => {
  for (const state of states) {
    if (state) state.enabled ??= true;
  }
};

const enableHyperv = (hyperv: Features['hyperv']): void => {
  if (!hyperv) return;
  enable(hyperv.relaxed, hyperv.vapic, hyperv.spinlocks, hyperv.vpindex, hyperv.runtime, hyperv.synic);
  enable(hyperv.synictimer, hyperv.synictimer?.direct, hyperv.reset, hyperv.vendorid, hyperv.frequencies);
  enable(hyperv.reenlightenment, hyperv.tlbflush, hyperv.tlbflush?.direct, hyperv.tlbflush?.extended);
  enable(hyperv.ipi, hyperv.evmcs);
};

export const s390xAcpi: MutationStep = {
  id: 'mut.s390x-acpi',
  summary: 'On s390x, which has no ACPI, `features.acpi.enabled` becomes false.',
  apply: ({ spec }) => {
    if (spec.architecture !== 's390x') return;
    const features = (spec.domain.features ??= {});
    features.acpi ??= {};
    features.acpi.enabled ??= false;
  },
};

export const featureStates: MutationStep = {
  id: 'mut.feature-state',
  summary: 'ACPI is enabled, and so is each feature that is named without saying whether.',
  apply: ({ spec }) => {
    const features = (spec.domain.features ??= {});
    features.acpi ??= {};
    enable(features.acpi, features.apic, features.smm, features.pvspinlock);
    enableHyperv(features.hyperv);
  },
};

export const spinlocks: MutationStep = {
  id: 'mut.spinlocks',
  summary: `Hyper-V spinlocks get ${SPINLOCK_RETRIES} retries.`,
  apply: ({ spec }) => {
    const state = spec.domain.features?.hyperv?.spinlocks;
    if (state?.enabled) state.spinlocks ??= SPINLOCK_RETRIES;
  },
};
