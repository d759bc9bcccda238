import { CPU_FEATURES, CPU_MODES, CPU_MODELS } from '../cpu-names.js';
import { Label } from '../names.js';
import type { VirtualMachineInstance } from '../schema/kinds.js';
import type { ClusterConfig } from '../settings/cluster-config.js';

/** What a VM asks of its node's CPU: a model or a feature, and the node's label that says it is there. */
export interface CpuWish {
  readonly what: 'model' | 'feature';
  readonly name: string;
  readonly label: string;
  /** Whose wish it is. */
  readonly field: string;
}

/** No model of a host has it, because no VM with it can be moved; libvirt gives it to guests all the same. */
const NEVER_LISTED = new Set(['invtsc']);

const isX86 = (architecture: string | undefined): boolean => !architecture || architecture === 'amd64';

const model = (name: string, field: string): CpuWish[] =>
  CPU_MODELS.has(name) && !CPU_MODES.includes(name)
    ? [{ what: 'model', name, label: `${Label.cpuModelPrefix}${name}`, field }]
    : [];

type Policy = (policy: string | undefined) => boolean;
const isRequired: Policy = (policy) => policy === undefined || policy === '' || policy === 'require';

const featuresOf = ({ spec }: Pick<VirtualMachineInstance, 'spec'>, wanted: Policy): CpuWish[] =>
  (spec.domain.cpu?.features ?? []).flatMap(({ name, policy }, index): CpuWish[] =>
    wanted(policy) && CPU_FEATURES.has(name) && !NEVER_LISTED.has(name)
      ? [
          {
            what: 'feature',
            name,
            label: `${Label.cpuFeaturePrefix}${name}`,
            field: `spec.domain.cpu.features[${index}]`,
          },
        ]
      : [],
  );

/** What the CPU of the VM's node must not have (policy `forbid`): libvirt would not start the VM there. */
export const cpuAvoided = (vmi: Pick<VirtualMachineInstance, 'spec'>): CpuWish[] =>
  isX86(vmi.spec.architecture) ? featuresOf(vmi, (policy) => policy === 'forbid') : [];

/** Whatever the VM names; the model that its node chooses for it is the node's matter. */
export const cpuWishes = (
  vmi: Pick<VirtualMachineInstance, 'spec'>,
  { minCpuModel = '' }: Pick<ClusterConfig, 'minCpuModel'>,
): CpuWish[] => {
  const { architecture, domain } = vmi.spec;
  if (!isX86(architecture)) return [];
  return [
    ...model(minCpuModel, "minCPUModel of the cluster's configuration"),
    ...model(domain.cpu?.model ?? '', 'spec.domain.cpu.model'),
    ...featuresOf(vmi, isRequired),
  ];
};
