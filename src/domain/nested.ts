import { Label } from '../api/names.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { VirtletAnnotation, wantsNestedHostModel } from '../api/virtlet/annotations.js';
import type { DomainContext } from './domain-input.js';
import { DomainError } from './error.js';
import type { DomainNotice } from './notice.js';

/** The CPU feature by which a guest of this vendor's CPU runs guests of its own. */
const FEATURES: Readonly<Record<string, 'vmx' | 'svm'>> = { Intel: 'vmx', AMD: 'svm', Hygon: 'svm' };

const featureOfNode = ({ node: { labels } }: DomainContext): 'vmx' | 'svm' | undefined => {
  if (labels[Label.nestedVirtualization] !== 'true') return undefined;
  const [, feature] =
    Object.entries(FEATURES).find(([vendor]) => labels[`${Label.cpuVendorPrefix}${vendor}`] === 'true') ?? [];
  return feature;
};

/**
 * The feature that a guest with nested virtualization requires; undefined where it must do without: emulated, or on
 * some node of a cluster that allows emulation, where no label chooses its node.
 * @throws DomainError on a node without nested virtualization in any other cluster: the guest's place was chosen by the
 * node's label
 */
export const nestedFeature = (context: DomainContext): 'vmx' | 'svm' | undefined => {
  if (!context.kvmAvailable) return undefined;
  const feature = featureOfNode(context);
  if (feature !== undefined || context.config.useEmulation) return feature;
  throw new DomainError(
    'NotSupported',
    'this node does not offer nested virtualization (any more); switch it on (kvm_intel.nested=1 or kvm_amd.nested=1), or start the VM on another node',
    `metadata.annotations[${VirtletAnnotation.cpuModel}]`,
  );
};

/** What a domain of this VMI lacks although it was asked for. */
export const nestedNotices = (vmi: VirtualMachineInstance, context: DomainContext): DomainNotice[] => {
  if (!wantsNestedHostModel(vmi.metadata) || nestedFeature(context) !== undefined) return [];
  const why = context.kvmAvailable ? 'this node does not offer it' : 'this guest is emulated';
  return [
    {
      reason: 'NestedVirtualizationUnavailable',
      message: `${VirtletAnnotation.cpuModel} asks for nested virtualization, but ${why}: the guest runs without it`,
    },
  ];
};
