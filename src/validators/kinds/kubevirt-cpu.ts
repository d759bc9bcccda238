import { CPU_MODES, cpuModelProblem } from '../../api/cpu-names.js';
import type { KubeVirtConfiguration } from '../../api/schema/kubevirt-configuration.js';
import { CPU_TUNING_DEFAULTS } from '../../api/vmi/cpu-spread.js';
import { invalid, required, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { isLabelValue, isQualifiedName } from '../rule/names.js';
import type { Rule } from '../rule/rule.js';
import type { KubeVirtSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';
import { kubevirtRule, numberRule, ROOT } from './kubevirt-rules.js';

/* Of the KubeVirt object: CPU models, and how limits and cores are shared. */

const cpuModelFinding = (model: string | undefined, path: string): Finding[] => {
  const problem = model ? cpuModelProblem(model) : undefined;
  return problem === undefined ? [] : [invalid(path, problem)];
};

const nodeConfigFindings = ({ nodeConfigs }: KubeVirtConfiguration): readonly Finding[] =>
  inEach(nodeConfigs, `${ROOT}.nodeConfigs`, ({ cpuModel, nodeSelector = {} }, path) => {
    const labels = Object.entries(nodeSelector).flatMap(([key, value]) =>
      isQualifiedName(key) && isLabelValue(value)
        ? []
        : [
            invalid(
              `${path}.nodeSelector[${key}]`,
              `no node can have the label ${show(`${key}=${value}`)}: correct it`,
            ),
          ],
    );
    const model = cpuModel
      ? cpuModelFinding(cpuModel, `${path}.cpuModel`)
      : [
          required(
            `${path}.cpuModel`,
            'is empty: write the CPU model of these nodes, or remove the entry: it says nothing else',
          ),
        ];
    return [...labels, ...model];
  });

/** A part of the CPU limit, in percent. */
const partRule = (
  id: string,
  name: 'emulatorPercent' | 'emulatorSplitPercent',
  most: number,
  fault: string,
): Rule<KubeVirtSubject> =>
  kubevirtRule({
    id,
    field: `${ROOT}.cpuTuning.${name}`,
    source: 'docs/reference/density-and-cpu.md §4.4',
    summary: `a part of the CPU limit that ${fault}`,
    check: ({ cpuTuning }) => {
      const percent = cpuTuning?.[name];
      return percent === undefined || (percent >= 1 && percent <= most)
        ? []
        : [
            invalid(
              `${ROOT}.cpuTuning.${name}`,
              `${percent} is not a part of the CPU limit in percent: write 1 to ${most}, or leave it out for ${CPU_TUNING_DEFAULTS[name]}`,
            ),
          ];
    },
  });

/** Names of CPU models, of which there is no such: they would have no effect. */
const modelNameFindings = ({ minCPUModel, obsoleteCPUModels = {} }: KubeVirtConfiguration): Finding[] => [
  ...(minCPUModel ? namedModelFinding(minCPUModel, `${ROOT}.minCPUModel`) : []),
  ...Object.keys(obsoleteCPUModels).flatMap((model) =>
    OLD_KUBEVIRT_MODELS.includes(model)
      ? []
      : namedModelFinding(model, `${ROOT}.obsoleteCPUModels[${model.slice(0, 60)}]`),
  ),
];

/** On KubeVirt's list of obsolete models, and in no libvirt any more. */
const OLD_KUBEVIRT_MODELS: readonly string[] = ['pentiumpro'];

/** A model by name: the words for what a host has are none. */
const namedModelFinding = (model: string, path: string): Finding[] =>
  CPU_MODES.includes(model)
    ? [invalid(path, `${show(model)} is no model but what each host has: write the name of one, such as "Haswell"`)]
    : cpuModelFinding(model, path);

export const kubevirtCpuRules: readonly Rule<KubeVirtSubject>[] = [
  numberRule('kv.vcpus-per-core', 'maxVCPUsPerCore', 1, 'a number of vCPUs per core'),
  partRule('kv.emulator-percent', 'emulatorPercent', 100, 'gives the emulator nothing, or more than the limit'),
  partRule('kv.emulator-split', 'emulatorSplitPercent', 99, 'leaves the vCPUs nothing'),
  kubevirtRule({
    id: 'kv.cpu-model',
    field: `${ROOT}.cpuModel`,
    summary: 'a name that no CPU model has',
    check: ({ cpuModel }) => cpuModelFinding(cpuModel, `${ROOT}.cpuModel`),
  }),
  kubevirtRule({
    id: 'kv.cpu-model-names',
    field: `${ROOT}.{minCPUModel,obsoleteCPUModels}`,
    summary: 'a least or an obsolete CPU model that does not exist',
    check: modelNameFindings,
  }),
  kubevirtRule({
    id: 'kv.node-configs',
    field: `${ROOT}.nodeConfigs[]`,
    summary: 'an entry for nodes that sets nothing, or for labels that no node can have',
    check: nodeConfigFindings,
  }),
];
