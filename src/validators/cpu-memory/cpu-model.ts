import { cpuFeatureProblem, cpuModelProblem } from '../../api/cpu-names.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';
import { duplicate, invalid, NOTHING } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule } from '../rule/rule.js';
import { show } from '../rule/wording.js';

/** QEMU's root ports want MSI-X, and that an APIC. */
const APIC = 'apic';
const WITHOUT_APIC: readonly string[] = ['486', '486-v1'];

/** Models and features have other names on other architectures, whose guests cannot be started anyway. */
export const isX86 = (architecture: string | undefined): boolean => !architecture || architecture === 'amd64';

export const cpuModelRules = [
  instanceRule({
    id: 'cpu.feature-name',
    field: '$.domain.cpu.features[].name',
    source: 'none: libvirt would refuse it',
    summary: 'a CPU feature that does not exist',
    check: ({ path, spec }) =>
      isX86(spec.architecture)
        ? inEach(spec.domain.cpu?.features, `${path}.domain.cpu.features`, ({ name }, at) => {
            const problem = cpuFeatureProblem(name);
            return problem === undefined ? NOTHING : [invalid(`${at}.name`, problem)];
          })
        : NOTHING,
  }),
  instanceRule({
    id: 'cpu.feature-twice',
    field: '$.domain.cpu.features[].name',
    source: 'none: libvirt would refuse it',
    summary: 'a CPU feature that is listed twice',
    check: ({ path, spec }) => {
      const { features } = spec.domain.cpu ?? {};
      if (features === undefined || features.length < 2) return NOTHING;
      const twins = earlierTwins(features, ({ name }) => name);
      return inEach(features, `${path}.domain.cpu.features`, ({ name }, at, index) => {
        const first = twins[index];
        // A name that is none is refused as such.
        return first === undefined || cpuFeatureProblem(name) !== undefined
          ? NOTHING
          : [duplicate(`${at}.name`, `${show(name)} is in features[${first}] already: keep one of them`)];
      });
    },
  }),
  instanceRule({
    id: 'cpu.model',
    field: '$.domain.cpu.model',
    source: 'none: libvirt would refuse it',
    summary: 'a CPU model that does not exist',
    check: ({ path, spec }) => {
      const model = spec.domain.cpu?.model;
      const problem = model && isX86(spec.architecture) ? cpuModelProblem(model) : undefined;
      return problem === undefined ? NOTHING : [invalid(`${path}.domain.cpu.model`, problem)];
    },
  }),
  instanceRule({
    id: 'cpu.apic',
    field: '$.domain.cpu',
    source: 'none: QEMU would refuse it',
    summary: 'a CPU without an APIC, without which a q35 has no PCI',
    check: ({ path, spec }) => {
      const { model = '', features } = spec.domain.cpu ?? {};
      const index = features?.findIndex(({ name }) => name === APIC) ?? -1;
      const policy = features?.[index]?.policy;
      if (policy === 'disable' || policy === 'forbid') {
        const field = `${path}.domain.cpu.features[${index}].policy`;
        return [invalid(field, `${show(policy)} takes the APIC away, and no VM starts without it: remove the feature`)];
      }
      return index < 0 && WITHOUT_APIC.includes(model)
        ? [invalid(`${path}.domain.cpu.model`, `${show(model)} has no APIC, and no VM starts without: write pentium`)]
        : NOTHING;
    },
  }),
];
