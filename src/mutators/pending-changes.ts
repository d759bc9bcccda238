import { childPath } from '../api/cause.js';
import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import { differencesAt, type Difference } from '../api/schema-check/semantic-difference.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import { withLinksOf } from '../api/vmi/link-state.js';
import { VIRTLET_KEYS } from '../api/virtlet/annotations.js';
import { defaultInstance } from './instance.js';

/** A field of a VirtualMachine that is to be otherwise than the guest that runs. */
export interface PendingChange {
  /** True JSON path in the VirtualMachine. */
  readonly field: string;
  /** Undefined: absent. */
  readonly running: unknown;
  readonly wanted: unknown;
}

const TEMPLATE = 'spec.template.spec';
const ANNOTATIONS = 'spec.template.metadata.annotations';
/** More nobody reads. */
const MOST = 100;

/** The VMI that a start would make of the template now. What is generated for each is as it runs. */
const wouldBe = (vm: VirtualMachine, vmi: VirtualMachineInstance, config: ClusterConfig): VirtualMachineInstance => {
  const { metadata, spec } = vm.spec.template;
  if (spec === undefined) return vmi;
  const { startStrategy } = vmi.spec;
  // A start can ask for it, whatever the template says.
  const paused = startStrategy === 'Paused' && spec.startStrategy === undefined ? { startStrategy } : {};
  const { name, namespace } = vmi.metadata ?? {};
  return defaultInstance(
    { metadata: { ...metadata, name, namespace }, spec: { ...spec, ...paused } },
    { config, newUuid: () => vmi.spec.domain.firmware?.uuid ?? '', now: () => '', refuse: () => undefined },
  );
};

const annotationChanges = (vm: VirtualMachine, vmi: VirtualMachineInstance): PendingChange[] => {
  const [wanted, running] = [vm.spec.template.metadata?.annotations ?? {}, vmi.metadata?.annotations ?? {}];
  return VIRTLET_KEYS.filter((key) => wanted[key] !== running[key]).map((key) => ({
    field: childPath(ANNOTATIONS, key),
    running: running[key],
    wanted: wanted[key],
  }));
};

/**
 * What a restart would change of a VM that runs, by meaning: "1024Mi" is "1Gi", an empty section is none, and a default
 * that is written out is the default. Of a VMI that admission defaulted. @throws where the template has not the shape
 * of one.
 */
export const pendingChanges = (
  vm: VirtualMachine,
  vmi: VirtualMachineInstance,
  config: ClusterConfig,
): readonly PendingChange[] => {
  const { spec } = wouldBe(vm, vmi, config);
  // A cable needs no restart, unless everything is to wait for one.
  const running = config.vmRolloutStrategy === 'Stage' ? vmi : withLinksOf(vm, vmi);
  const differences = differencesAt('VirtualMachineInstance', 'spec', spec, running.spec, MOST, TEMPLATE);
  const ofSpec = differences.map(({ path, now, before }: Difference) => ({
    field: path,
    running: before,
    wanted: now,
  }));
  return [...ofSpec, ...annotationChanges(vm, vmi)];
};
