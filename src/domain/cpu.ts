import { configuredCpuModel } from '../api/settings/cluster-config.js';
import { CPU_MODES } from '../api/cpu-names.js';
import { Label } from '../api/names.js';
import { topology, vcpuCount } from '../api/vmi/guest-size.js';
import type { CPU } from '../api/schema/cpu-memory.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { wantsNestedHostModel } from '../api/virtlet/annotations.js';
import type { DomainContext } from './domain-input.js';
import { CPU_SETTING_FIELD, cpuSetting, settingCpu } from './cpu-setting.js';
import { nestedFeature } from './nested.js';
import type { DomainNotice } from './notice.js';
import { element, type XmlElement } from './xml.js';

export const vcpu = (vmi: VirtualMachineInstance): XmlElement =>
  element('vcpu', { placement: 'static' }, String(vcpuCount(vmi.spec)));

/** The CPU model by name, or undefined for the default of the accelerator. */
export const cpuModel = (vmi: VirtualMachineInstance, context: DomainContext): string | undefined =>
  vmi.spec.domain.cpu?.model || configuredCpuModel(context.config, context.node.labels);

/** QEMU's default model under emulation. Named only when features must hang on a model. */
const EMULATED_MODEL = 'qemu64';
/** Without these a guest cannot run guests of its own: what an unasked-for default should not allow. */
const NESTED_FEATURES = ['vmx', 'svm'] as const;

const modes = new Set(CPU_MODES);
const HOST_CPU = 'host-passthrough';

const features = (cpu: CPU | undefined): XmlElement[] =>
  (cpu?.features ?? []).map(({ name, policy }) =>
    element('feature', { policy: policy === undefined || policy === '' ? 'require' : policy, name }),
  );

const names = (cpu: CPU | undefined): ReadonlySet<string> => new Set((cpu?.features ?? []).map(({ name }) => name));

const shape = (vmi: VirtualMachineInstance): XmlElement => {
  const { sockets, cores, threads } = topology(vmi.spec);
  return element('topology', { sockets, cores, threads });
};

/** An emulated guest has no host's CPU to pass through: it gets all that the emulation has, and its owner an event. */
const hostMode = <Mode extends string>(mode: Mode, context: DomainContext): Mode | 'maximum' =>
  mode === HOST_CPU && !context.kvmAvailable ? 'maximum' : mode;

/** `<cpu>`: the CPU setting of the annotation alone, else topology always, model and features by {@link cpuModel}. */
export const cpu = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement => {
  const setting = cpuSetting(vmi);
  if (setting !== undefined) {
    const { mode } = setting;
    return settingCpu(vmi, mode === undefined ? setting : { ...setting, mode: hostMode(mode, context) });
  }
  return wantsNestedHostModel(vmi.metadata) ? nestedCpu(vmi, context) : modelCpu(vmi, context);
};

const modelCpu = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement => {
  const spec = vmi.spec.domain.cpu;
  const wanted = features(spec);
  const model = cpuModel(vmi, context);
  if (model === undefined) return defaultCpu(vmi, context, wanted);
  if (!modes.has(model)) {
    // mpx left the silicon again: a named model that has it starts on fewer and fewer hosts (docs/reference/domain.md
    // §1.6).
    const mpx = names(spec).has('mpx') ? [] : [element('feature', { policy: 'disable', name: 'mpx' })];
    return element('cpu', { mode: 'custom', match: 'exact' }, element('model', {}, model), shape(vmi), wanted, mpx);
  }
  return element('cpu', { mode: hostMode(model, context) }, shape(vmi), wanted);
};

const defaultCpu = (vmi: VirtualMachineInstance, context: DomainContext, wanted: XmlElement[]): XmlElement => {
  if (!context.kvmAvailable) {
    if (wanted.length === 0) return element('cpu', {}, shape(vmi));
    return element('cpu', { mode: 'custom', match: 'exact' }, element('model', {}, EMULATED_MODEL), shape(vmi), wanted);
  }
  const named = names(vmi.spec.domain.cpu);
  const without = NESTED_FEATURES.filter((name) => !named.has(name)).map((name) =>
    element('feature', { policy: 'disable', name }),
  );
  return element('cpu', { mode: 'host-model' }, shape(vmi), wanted, without);
};

/**
 * VirtletCPUModel: the host's model, exactly, and what the guest needs for guests of its own
 * (docs/reference/density-and-cpu.md §1.3).
 */
const nestedCpu = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement => {
  const spec = vmi.spec.domain.cpu;
  const feature = nestedFeature(context);
  const nested =
    feature === undefined || names(spec).has(feature) ? [] : [element('feature', { policy: 'require', name: feature })];
  const model = element('model', { fallback: 'forbid' });
  return element('cpu', { mode: 'host-model' }, model, shape(vmi), features(spec), nested);
};

/** Who asks for the host's own CPU, if anybody does. */
const hostCpuAskedBy = (vmi: VirtualMachineInstance, context: DomainContext): string | undefined => {
  const setting = cpuSetting(vmi);
  if (setting !== undefined) return setting.mode === HOST_CPU ? CPU_SETTING_FIELD : undefined;
  if (wantsNestedHostModel(vmi.metadata) || cpuModel(vmi, context) !== HOST_CPU) return undefined;
  return vmi.spec.domain.cpu?.model ? 'spec.domain.cpu.model' : "cpuModel of the cluster's configuration";
};

/**
 * The cluster's settings name a model for this node that it does not have: what the VM asks for itself has chosen its
 * node, this has not. libvirt refuses the start then, in words that do not say whose model it is.
 */
const configuredCpuNotices = (vmi: VirtualMachineInstance, { config, node }: DomainContext): DomainNotice[] => {
  if (vmi.spec.domain.cpu?.model || cpuSetting(vmi) !== undefined || wantsNestedHostModel(vmi.metadata)) return [];
  const model = configuredCpuModel(config, node.labels);
  // A node that reports no model has no agent that could ask libvirt.
  const reports = Object.keys(node.labels).some((label) => label.startsWith(Label.cpuModelPrefix));
  if (model === undefined || modes.has(model) || !reports) return [];
  if (node.labels[`${Label.cpuModelPrefix}${model}`] === 'true') return [];
  const message = `the CPU model ${model} of the cluster's configuration (cpuModel, nodeConfigs[].cpuModel) is none that this node's guests can have: give the node an entry of nodeConfigs with one of its labels ${Label.cpuModelPrefix}MODEL, or write spec.domain.cpu.model`;
  return [{ reason: 'ConfiguredCpuUnavailable', message }];
};

/** What an emulated guest has instead of the host's own CPU. */
const hostCpuNotices = (vmi: VirtualMachineInstance, context: DomainContext): DomainNotice[] => {
  const asked = context.kvmAvailable ? undefined : hostCpuAskedBy(vmi, context);
  if (asked === undefined) return [];
  const message = `${asked}: this guest is emulated, and only KVM can pass the host's CPU through: it has all that the emulation can do instead`;
  return [{ reason: 'HostCpuUnavailable', message }];
};

/** Where the guest's CPU is not what was asked for. */
export const cpuNotices = (vmi: VirtualMachineInstance, context: DomainContext): DomainNotice[] => [
  ...configuredCpuNotices(vmi, context),
  ...hostCpuNotices(vmi, context),
];
