import { memoryHotplugObstacle } from '../../api/vmi/memory-hotplug.js';
import { RUN_STRATEGIES } from '../../api/vmi/run-strategy.js';
import { because, invalid, required, type Finding } from '../rule/finding.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { MachineSubject } from '../rule/subject.js';
import { oneOf, show } from '../rule/wording.js';

const TEMPLATE = 'spec.template.spec';
/** Known, and not acted on: this version does not migrate between clusters. */
const RECEIVER = 'WaitAsReceiver';

const machineRule = ruleFamily<MachineSubject, (subject: MachineSubject) => readonly Finding[]>({
  kinds: ['VirtualMachine'],
  source: '§9.3',
  run: (subject, check) => check(subject),
});

export const virtualMachineRules: readonly Rule<MachineSubject>[] = [
  machineRule({
    id: 'vm.template',
    field: 'spec.template.spec',
    summary: 'a template without a spec',
    check: ({ vm }) =>
      vm.spec.template.spec
        ? []
        : [required('spec.template.spec', 'is missing: write the spec of the VM here (domain, volumes …)')],
  }),
  machineRule({
    id: 'vm.run-both',
    field: 'spec.running',
    summary: '`running` and `runStrategy` at once',
    check: ({ vm: { spec } }) =>
      spec.running !== undefined && spec.runStrategy !== undefined
        ? [invalid('spec.running', 'is set beside runStrategy, which replaces it: remove running, which is deprecated')]
        : [],
  }),
  machineRule({
    id: 'vm.run-none',
    field: 'spec.runStrategy',
    summary: 'a VM with neither `running` nor `runStrategy`',
    check: ({ vm: { spec } }) =>
      spec.running === undefined && spec.runStrategy === undefined
        ? [
            required(
              'spec.runStrategy',
              `is missing: write one of ${RUN_STRATEGIES.join(', ')} (Halted: it is started by hand)`,
            ),
          ]
        : [],
  }),
  machineRule({
    id: 'vm.run-receiver',
    field: 'spec.runStrategy',
    summary: 'the run strategy `WaitAsReceiver`',
    check: ({ vm: { spec } }) =>
      spec.runStrategy === RECEIVER
        ? [
            invalid(
              'spec.runStrategy',
              `${RECEIVER} waits for a VM that another cluster sends, which this version cannot receive: write Halted, and start the VM here`,
            ),
          ]
        : [],
  }),
  machineRule({
    id: 'vm.run-value',
    field: 'spec.runStrategy',
    summary: 'a run strategy that does not exist',
    check: ({ vm: { spec } }) => {
      const { runStrategy } = spec;
      if (runStrategy === undefined || runStrategy === RECEIVER) return [];
      if (RUN_STRATEGIES.some((known) => known === runStrategy)) return [];
      return [
        invalid(
          'spec.runStrategy',
          `${show(runStrategy)} is not a run strategy: ${oneOf(runStrategy, RUN_STRATEGIES)}`,
        ),
      ];
    },
  }),
  machineRule({
    id: 'vm.lu-memory',
    field: 'spec.template.spec.domain.memory.maxGuest',
    source: '§9.3, §9.5',
    summary: 'a `maxGuest` that memory hotplug cannot reach, under the rollout strategy LiveUpdate',
    check: ({ vm, defaulted, config }) => {
      const maxGuest = vm.spec.template.spec?.domain.memory?.maxGuest;
      if (maxGuest === undefined || defaulted === undefined || config.vmRolloutStrategy !== 'LiveUpdate') return [];
      const obstacle = memoryHotplugObstacle(defaulted, maxGuest);
      if (obstacle === undefined) return [];
      const findings = [invalid(`${TEMPLATE}.domain.memory.maxGuest`, obstacle.message)];
      return obstacle.because === undefined ? findings : because(`${TEMPLATE}.${obstacle.because}`, findings);
    },
  }),
];
