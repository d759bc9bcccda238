import { memoryHotplugObstacle } from '../api/memory-hotplug.js';
import { RUN_STRATEGIES } from '../api/run-strategy.js';
import { invalid, required, show, type Finding, type MachineSubject, type Operation, type Rule } from './rule.js';

/** Would need migration between clusters, which needs its feature gate. */
const RECEIVER = 'WaitAsReceiver';

const machineRule = (
  id: string,
  field: string,
  source: string,
  summary: string,
  check: (subject: MachineSubject) => readonly Finding[],
  operations?: readonly Operation[],
): Rule<MachineSubject> => ({
  id,
  kinds: ['VirtualMachine'],
  ...(operations === undefined ? {} : { operations }),
  field,
  source: `spec/admission.md ${source}`,
  since: '0.1',
  summary,
  check,
});

export const virtualMachineRules: readonly Rule<MachineSubject>[] = [
  machineRule('vm.template', 'spec.template.spec', '§9.3', 'a template without a spec', ({ vm }) =>
    vm.spec.template.spec
      ? []
      : [required('spec.template.spec', 'the template has no spec: write the VM here (domain, volumes …)')],
  ),
  machineRule('vm.run-both', 'spec.running', '§9.3', 'running and runStrategy at once', ({ vm: { spec } }) =>
    spec.running !== undefined && spec.runStrategy !== undefined
      ? [invalid('spec.running', 'excludes runStrategy: remove running, which is deprecated, and keep runStrategy')]
      : [],
  ),
  machineRule('vm.run-none', 'spec.runStrategy', '§9.3', 'neither running nor runStrategy', ({ vm: { spec } }) =>
    spec.running === undefined && spec.runStrategy === undefined
      ? [
          required(
            'spec.runStrategy',
            `is missing: write one of ${RUN_STRATEGIES.join(', ')} (Halted: it is started by hand)`,
          ),
        ]
      : [],
  ),
  machineRule(
    'vm.run-value',
    'spec.runStrategy',
    '§9.3',
    'a run strategy that does not exist',
    ({ vm: { spec }, config }) => {
      const { runStrategy } = spec;
      if (runStrategy === undefined || RUN_STRATEGIES.some((known) => known === runStrategy)) return [];
      if (runStrategy === RECEIVER && config.hasFeatureGate('DecentralizedLiveMigration')) return [];
      return [
        invalid(
          'spec.runStrategy',
          `${show(runStrategy)} is no run strategy: write one of ${RUN_STRATEGIES.join(', ')}`,
        ),
      ];
    },
  ),
  machineRule(
    'vm.lu-memory',
    'spec.template.spec.domain.memory.maxGuest',
    '§9.3, §9.5',
    'a maxGuest that memory hotplug cannot reach (rollout strategy LiveUpdate)',
    ({ vm, defaulted, config }) => {
      const maxGuest = vm.spec.template.spec?.domain.memory?.maxGuest;
      if (maxGuest === undefined || defaulted === undefined || config.vmRolloutStrategy !== 'LiveUpdate') return [];
      const obstacle = memoryHotplugObstacle(defaulted, maxGuest);
      return obstacle === undefined ? [] : [invalid('spec.template.spec.domain.memory.maxGuest', obstacle)];
    },
  ),
];
