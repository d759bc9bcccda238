import { nodeConfigFor } from '../api/cluster-config.js';
import type { CPU } from '../api/schema/cpu-memory.js';
import { topology, vcpuCount } from '../api/guest-size.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { DomainContext } from './context.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

export const vcpu = (vmi: VirtualMachineInstance): XmlElement =>
  element('vcpu', { placement: 'static' }, String(vcpuCount(vmi.spec)));

/** The CPU model by name, or undefined for the default of the accelerator (design §5). */
export const cpuModel = (vmi: VirtualMachineInstance, context: DomainContext): string | undefined => {
  const candidates = [
    vmi.spec.domain.cpu?.model,
    nodeConfigFor(context.config, context.node.labels)?.cpuModel,
    context.config.cpuModel,
  ];
  return candidates.find((model) => model !== undefined && model !== '');
};

/** QEMU's default model under emulation. Named only when features must hang on a model. */
const EMULATED_MODEL = 'qemu64';
/** Without these a guest cannot run guests of its own: what an unasked-for default should not allow. */
const NESTED_FEATURES = ['vmx', 'svm'] as const;

const modes = new Set(['host-model', 'host-passthrough', 'maximum']);

const features = (cpu: CPU | undefined): XmlElement[] =>
  (cpu?.features ?? []).map(({ name, policy }) =>
    element('feature', { policy: policy === undefined || policy === '' ? 'require' : policy, name }),
  );

/** `<cpu>`: topology always, model and features by {@link cpuModel}. */
export const cpu = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement => {
  const spec = vmi.spec.domain.cpu;
  const { sockets, cores, threads } = topology(vmi.spec);
  const shape = element('topology', { sockets, cores, threads });
  const wanted = features(spec);
  const model = cpuModel(vmi, context);
  if (model === undefined) return defaultCpu(spec, context, shape, wanted);
  if (!modes.has(model)) {
    // mpx left the silicon again: a named model that has it starts on fewer and fewer hosts (spec/domain.md §1.6).
    const named = (spec?.features ?? []).some(({ name }) => name === 'mpx');
    const mpx = named ? [] : [element('feature', { policy: 'disable', name: 'mpx' })];
    return element('cpu', { mode: 'custom', match: 'exact' }, element('model', {}, model), shape, wanted, mpx);
  }
  if (model === 'host-passthrough' && !context.kvmAvailable) {
    throw new DomainError(
      'NotSupported',
      'host-passthrough needs KVM and this guest is emulated; leave the model out or name one such as "qemu64"',
      'spec.domain.cpu.model',
    );
  }
  return element('cpu', { mode: model }, shape, wanted);
};

const defaultCpu = (spec: CPU | undefined, context: DomainContext, shape: XmlElement, wanted: XmlElement[]) => {
  if (!context.kvmAvailable) {
    if (wanted.length === 0) return element('cpu', {}, shape);
    return element('cpu', { mode: 'custom', match: 'exact' }, element('model', {}, EMULATED_MODEL), shape, wanted);
  }
  const named = new Set((spec?.features ?? []).map(({ name }) => name));
  const without = NESTED_FEATURES.filter((name) => !named.has(name)).map((name) =>
    element('feature', { policy: 'disable', name }),
  );
  return element('cpu', { mode: 'host-model' }, shape, wanted, without);
};
