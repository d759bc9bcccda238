import { topology, vcpuCount, type Topology } from '../api/vmi/guest-size.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { VirtletAnnotation, virtletValue } from '../api/virtlet/annotations.js';
import type { CpuSetting, NumaCell } from '../api/virtlet/cpu-setting-shape.js';
import { readCpuSetting } from '../api/virtlet/cpu-setting.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

export const CPU_SETTING_FIELD = `metadata.annotations[${VirtletAnnotation.cpuSetting}]`;

/**
 * The CPU setting of the annotation; undefined where there is none, or an empty one.
 * @throws DomainError for one with problems: admission refuses it, so nobody but a bug or a bypass gets one here.
 */
export const cpuSetting = ({ metadata }: VirtualMachineInstance): CpuSetting | undefined => {
  const text = virtletValue(metadata, VirtletAnnotation.cpuSetting);
  if (text === undefined) return undefined;
  const { setting, problems } = readCpuSetting(text);
  const [problem] = problems;
  if (problem !== undefined) throw new DomainError('InvalidValue', problem.message, CPU_SETTING_FIELD);
  return Object.keys(setting).length === 0 ? undefined : setting;
};

const cell = ({ id, cpus, memory, unit, memAccess }: NumaCell): XmlElement =>
  element('cell', { id, cpus, memory, unit, memAccess });

/** Only where it says more than `<vcpu>` does. */
const shapeOf = ({ spec }: VirtualMachineInstance): Topology | undefined =>
  vcpuCount(spec) > 1 ? topology(spec) : undefined;

/**
 * `<cpu>` as the setting has it, nothing merged into it but the VM's topology where it has none
 * (docs/reference/density-and-cpu.md §3.5).
 */
export const settingCpu = (vmi: VirtualMachineInstance, setting: CpuSetting): XmlElement => {
  const { mode, match, check, migratable, model, vendor, cache, features = [], numa } = setting;
  const shape = setting.topology ?? shapeOf(vmi);
  return element(
    'cpu',
    { mode, match, check, migratable },
    model && element('model', { fallback: model.fallback, vendor_id: model.vendorID }, model.value),
    vendor === undefined ? undefined : element('vendor', {}, vendor),
    shape && element('topology', { ...shape }),
    cache && element('cache', { level: cache.level, mode: cache.mode }),
    features.map(({ name, policy }) => element('feature', { policy: policy ?? 'require', name })),
    numa && element('numa', {}, (numa.cell ?? []).map(cell)),
  );
};
