import {
  annotatedVcpus,
  cpuSettingOf,
  MAX_VCPUS,
  parseSystemUuid,
  parseVcpuCount,
  virtletValue,
  VirtletAnnotation,
  type VirtletKey,
} from '../../api/virtlet/annotations.js';
import { readCpuSetting, settingVcpus } from '../../api/virtlet/cpu-setting.js';
import { numaProblems } from '../../api/virtlet/numa.js';
import type { Problem } from '../../api/virtlet/problem.js';
import { canonicalUuid } from '../../api/uuid.js';
import { vcpus } from './cpu.js';
import { readQuantity } from '../rule/quantities.js';
import { because, invalid, notSupported, type Finding } from '../rule/finding.js';
import { instanceRule, type Rule, type RuleEntry } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

const fieldOf = ({ metadataPath }: InstanceSubject, key: VirtletKey): string => `${metadataPath}.annotations[${key}]`;

/** A rule on one annotation, where it is there. The check gets its text, and gives messages or whole findings. */
const annotationRule = ({
  annotation,
  source = '',
  check,
  ...rule
}: RuleEntry<(text: string, subject: InstanceSubject) => readonly (string | Finding)[]> & {
  readonly annotation: VirtletKey;
}) =>
  instanceRule({
    ...rule,
    field: `metadata.annotations[${annotation}]`,
    source: `docs/reference/density-and-cpu.md ${source}`,
    check: (subject) => {
      const text = virtletValue(subject.metadata, annotation);
      if (text === undefined) return [];
      const field = fieldOf(subject, annotation);
      return check(text, subject).map((found) => (typeof found === 'string' ? invalid(field, found) : found));
    },
  });

/** Problems of the CPU setting of one kind, as the findings of one rule. */
const settingProblems = (text: string, kind: Problem['kind'], before = ''): string[] =>
  readCpuSetting(text)
    .problems.filter((problem) => problem.kind === kind)
    .map(({ message }) => `${before}${message}`);

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The CPU fields of the spec that say what the CPU setting says. */
const cpuFields = ({ spec }: InstanceSubject): string[] => {
  const { model, features = [] } = spec.domain.cpu ?? {};
  return [...(model ? ['model'] : []), ...(features.length > 0 ? ['features'] : [])];
};

const { vcpuCount, cpuModel, cpuSetting, systemUuid } = VirtletAnnotation;

const vcpuRules = [
  annotationRule({
    id: 'ann.vcpu-count',
    annotation: vcpuCount,
    source: '§3.4 (E-CPU-1, E-CPU-2)',
    summary: `a vCPU count that is no whole number, or above ${MAX_VCPUS}`,
    check: (text) => {
      const count = parseVcpuCount(text);
      if (count === undefined)
        return [`${show(text)} is no whole number: write how many vCPUs the VM has, such as "2"`];
      return count > MAX_VCPUS ? [`${count} vCPUs are too many: write ${MAX_VCPUS} or less`] : [];
    },
  }),
  annotationRule({
    id: 'ann.vcpu-count-conflict',
    annotation: vcpuCount,
    source: '§3.3 (E-CON-1)',
    summary: 'a vCPU count that differs from `domain.cpu`',
    check: (_text, { metadata, path, spec }) => {
      const [count, topology] = [annotatedVcpus(metadata), vcpus(spec.domain.cpu)];
      if (count === undefined || topology === 0 || count === topology) return [];
      return [`it asks for ${plural(count, 'vCPU')}, but ${path}.domain.cpu has ${topology}: remove one of the two`];
    },
  }),
];

const modelRules = [
  annotationRule({
    id: 'ann.cpu-model',
    annotation: cpuModel,
    source: '§3.4 (E-CPU-3)',
    summary: 'another CPU model than host-model, or host-model on another architecture than amd64',
    check: (text, subject) => {
      const field = fieldOf(subject, cpuModel);
      if (text !== '' && text !== 'host-model') {
        const remedy = `write "host-model", or the model into ${subject.path}.domain.cpu.model`;
        return [notSupported(field, `${show(text)} is not "host-model", the only one there is: ${remedy}`)];
      }
      const architecture = subject.spec.architecture || subject.config.defaultArchitecture;
      if (text === '' || architecture === 'amd64') return [];
      return because(`${subject.path}.architecture`, [
        notSupported(field, `nested virtualization is there on amd64 only, not on ${architecture}: remove it`),
      ]);
    },
  }),
  annotationRule({
    id: 'ann.cpu-model-conflict',
    annotation: cpuModel,
    source: '§3.3 (E-CON-1)',
    summary:
      'host-model beside another model in `domain.cpu`, or beside a CPU feature without which nothing can be nested',
    check: (text, { metadata, path, spec }) => {
      // With a CPU setting this annotation is not acted on, and the setting has a rule of its own.
      if (text !== 'host-model' || cpuSettingOf(metadata) !== undefined) return [];
      const { model, features = [] } = spec.domain.cpu ?? {};
      if (model && model !== text) {
        return [`${show(text)} conflicts with ${path}.domain.cpu.model ${show(model)}: remove one of the two`];
      }
      return features.flatMap(({ name, policy = '' }, index) =>
        ['vmx', 'svm'].includes(name) && ['disable', 'forbid'].includes(policy)
          ? [
              `it asks for nested virtualization, but ${path}.domain.cpu.features[${index}] (${name}) has policy ${policy}: remove one of the two`,
            ]
          : [],
      );
    },
  }),
];

const settingRules = [
  annotationRule({
    id: 'ann.cpu-setting',
    annotation: cpuSetting,
    source: '§3.4 (E-CPU-5)',
    summary: 'a CPU setting that is not YAML',
    check: (text) => settingProblems(text, 'syntax', 'cannot be read: '),
  }),
  annotationRule({
    id: 'ann.cpu-setting-field',
    annotation: cpuSetting,
    source: '§3.4 (E-CPU-4)',
    summary: 'a field that CPU settings do not have, or one written twice',
    check: (text) => settingProblems(text, 'field'),
  }),
  annotationRule({
    id: 'ann.cpu-setting-value',
    annotation: cpuSetting,
    source: '§1.4, §3.4 (E-CPU-6)',
    summary: 'a value that a CPU setting cannot have, and parts of it that exclude each other',
    check: (text) => settingProblems(text, 'value'),
  }),
  annotationRule({
    id: 'ann.cpu-setting-topology',
    annotation: cpuSetting,
    source: '§3.4 (E-CPU-7)',
    summary: 'a topology of another number of CPUs than the VM has',
    check: (_text, { metadata, path, spec }) => {
      const setting = cpuSettingOf(metadata);
      const [described, count] = [setting && settingVcpus(setting), vcpus(spec.domain.cpu)];
      if (described === undefined || count === 0 || described === count) return [];
      return [
        `topology has ${plural(described, 'CPU')}, but the VM has ${plural(count, 'vCPU')}: make them equal, or leave it to one of topology, ${vcpuCount} and ${path}.domain.cpu`,
      ];
    },
  }),
  annotationRule({
    id: 'ann.cpu-setting-numa',
    annotation: cpuSetting,
    source: '§1.4 (ours: libvirt resizes the guest to its NUMA cells without a word)',
    summary: 'NUMA cells that do not fit the VM: other memory, vCPUs that do not exist or are in two cells',
    check: (_text, { metadata, spec }) => {
      const setting = cpuSettingOf(metadata);
      // A guest of another size of topology has other vCPUs; that is the mistake to correct first.
      const count = vcpus(spec.domain.cpu);
      if (setting === undefined || count === 0 || count !== (settingVcpus(setting) ?? count)) return [];
      return numaProblems(setting, count, readQuantity(spec.domain.memory?.guest)?.value());
    },
  }),
  annotationRule({
    id: 'ann.cpu-setting-conflict',
    annotation: cpuSetting,
    source: '§3.3 (E-CON-1)',
    summary: 'a CPU setting beside `domain.cpu.model` or `domain.cpu.features`',
    check: (_text, subject) => {
      const fields = cpuFields(subject);
      if (fields.length === 0 || cpuSettingOf(subject.metadata) === undefined) return [];
      return [
        `is the whole CPU and conflicts with ${subject.path}.domain.cpu.${fields.join(' and .')}: move what they say into the annotation`,
      ];
    },
  }),
];

const uuidRules = [
  annotationRule({
    id: 'ann.system-uuid',
    annotation: systemUuid,
    source: '§3.4 (E-UUID-1)',
    summary: 'a text that is no UUID',
    check: (text) =>
      parseSystemUuid(text) === undefined
        ? [`${show(text)} is no UUID: write one such as "53008994-44c0-4017-ad44-9c49758083da"`]
        : [],
  }),
  annotationRule({
    id: 'ann.system-uuid-conflict',
    annotation: systemUuid,
    source: '§3.3 (E-CON-1)',
    summary: 'a UUID that differs from `domain.firmware.uuid`',
    check: (text, { path, spec }) => {
      const [wanted, uuid] = [parseSystemUuid(text), spec.domain.firmware?.uuid];
      // What is no UUID at all has a rule of its own.
      if (wanted === undefined || !uuid || [wanted, undefined].includes(canonicalUuid(uuid))) return [];
      return [
        `${show(wanted)} conflicts with ${path}.domain.firmware.uuid ${show(uuid)}: write the same in both, or set that field to null, or remove the annotation`,
      ];
    },
  }),
];

/** Virtlet's four annotations: what they may say, and that they say what the fields say. */
export const virtletRules: readonly Rule<InstanceSubject>[] = [
  ...vcpuRules,
  ...modelRules,
  ...settingRules,
  ...uuidRules,
];
