import { memoryHotplugObstacle } from '../../api/vmi/memory-hotplug.js';
import { RUN_STRATEGIES } from '../../api/vmi/run-strategy.js';
import {
  because,
  invalid,
  oneOf,
  required,
  show,
  type Finding,
  type MachineSubject,
  type Operation,
  type Rule,
} from '../rule/rule.js';

const TEMPLATE = 'spec.template.spec';
/** Known, and not acted on: this version does not migrate between clusters. */
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
      : [required('spec.template.spec', 'is missing: write the spec of the VM here (domain, volumes …)')],
  ),
  machineRule('vm.run-both', 'spec.running', '§9.3', '`running` and `runStrategy` at once', ({ vm: { spec } }) =>
    spec.running !== undefined && spec.runStrategy !== undefined
      ? [invalid('spec.running', 'is set beside runStrategy, which replaces it: remove running, which is deprecated')]
      : [],
  ),
  machineRule(
    'vm.run-none',
    'spec.runStrategy',
    '§9.3',
    'a VM with neither `running` nor `runStrategy`',
    ({ vm: { spec } }) =>
      spec.running === undefined && spec.runStrategy === undefined
        ? [
            required(
              'spec.runStrategy',
              `is missing: write one of ${RUN_STRATEGIES.join(', ')} (Halted: it is started by hand)`,
            ),
          ]
        : [],
  ),
  machineRule('vm.run-receiver', 'spec.runStrategy', '§9.3', 'the run strategy `WaitAsReceiver`', ({ vm: { spec } }) =>
    spec.runStrategy === RECEIVER
      ? [
          invalid(
            'spec.runStrategy',
            `${RECEIVER} waits for a VM that another cluster sends, which this version cannot receive: write Halted, and start the VM here`,
          ),
        ]
      : [],
  ),
  machineRule('vm.run-value', 'spec.runStrategy', '§9.3', 'a run strategy that does not exist', ({ vm: { spec } }) => {
    const { runStrategy } = spec;
    if (runStrategy === undefined || runStrategy === RECEIVER) return [];
    if (RUN_STRATEGIES.some((known) => known === runStrategy)) return [];
    return [
      invalid('spec.runStrategy', `${show(runStrategy)} is not a run strategy: ${oneOf(runStrategy, RUN_STRATEGIES)}`),
    ];
  }),
  machineRule(
    'vm.lu-memory',
    'spec.template.spec.domain.memory.maxGuest',
    '§9.3, §9.5',
    'a `maxGuest` that memory hotplug cannot reach, under the rollout strategy LiveUpdate',
    ({ vm, defaulted, config }) => {
      const maxGuest = vm.spec.template.spec?.domain.memory?.maxGuest;
      if (maxGuest === undefined || defaulted === undefined || config.vmRolloutStrategy !== 'LiveUpdate') return [];
      const obstacle = memoryHotplugObstacle(defaulted, maxGuest);
      if (obstacle === undefined) return [];
      const findings = [invalid(`${TEMPLATE}.domain.memory.maxGuest`, obstacle.message)];
      return obstacle.because === undefined ? findings : because(`${TEMPLATE}.${obstacle.because}`, findings);
    },
  ),
];
