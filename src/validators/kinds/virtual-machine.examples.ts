import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachine' as const;
const RUN = 'spec.runStrategy';
const T = 'spec.template.spec';
const running = (value: boolean): Change => ({ [RUN]: undefined, 'spec.running': value });
const memory = (guest: string, maxGuest: string, more: Change = {}): Change => ({
  [`${T}.domain.memory`]: { guest, maxGuest },
  ...more,
});
const MAX_GUEST = `${T}.domain.memory.maxGuest`;

export const virtualMachineExamples: ExampleTable = {
  'vm.template': {
    kind,
    accepts: [{ [T]: { domain: { devices: {}, memory: { guest: '1Gi' } } } }],
    refuses: [
      [{ 'spec.template': {} }, T],
      [{ 'spec.template': { metadata: { labels: { a: 'b' } } } }, T],
    ],
  },
  'vm.run-both': {
    kind,
    accepts: [{ [RUN]: 'Always' }, running(false), { [RUN]: 'Manual' }],
    refuses: [
      [{ 'spec.running': true, [RUN]: 'Always' }, 'spec.running'],
      [{ 'spec.running': true }, 'spec.running'],
      [{ 'spec.running': false, [RUN]: 'Always' }, 'spec.running'],
    ],
  },
  'vm.run-none': {
    kind,
    accepts: [{ [RUN]: 'Halted' }, running(true)],
    refuses: [
      [{ [RUN]: undefined }, RUN],
      [{ spec: { template: { spec: { domain: { devices: {}, memory: { guest: '1Gi' } } } } } }, RUN],
    ],
  },
  'vm.run-receiver': {
    why: 'This version does not receive a VM that another cluster sends.',
    kind,
    gates: ['DecentralizedLiveMigration'],
    accepts: [{ [RUN]: 'Halted' }, { [RUN]: 'Once' }],
    refuses: [
      [{ [RUN]: 'WaitAsReceiver' }, RUN],
      [{ [RUN]: 'WaitAsReceiver', 'spec.template.metadata.labels': { a: 'b' } }, RUN],
    ],
  },
  'vm.run-value': {
    kind,
    accepts: ['Always', 'Halted', 'Manual', 'RerunOnFailure', 'Once'].map((strategy) => ({ [RUN]: strategy })),
    refuses: [
      [{ [RUN]: 'Sometimes' }, RUN],
      [{ [RUN]: 'always' }, RUN],
      [{ [RUN]: '' }, RUN],
    ],
  },
  'vm.lu-memory': {
    kind,
    accepts: [
      memory('2Gi', '4Gi'),
      memory('1Gi', '1Gi'),
      memory('1026Mi', '2Gi'),
      memory('1Gi', '4Gi', { [`${T}.domain.cpu.cores`]: 2 }),
    ],
    refuses: [
      [memory('2Gi', '1Gi'), MAX_GUEST],
      [memory('1Gi', '2049Mi'), MAX_GUEST],
      [memory('1025Mi', '2Gi'), MAX_GUEST],
      [memory('512Mi', '1Gi', { [`${T}.domain.resources`]: {} }), MAX_GUEST],
      [memory('1Gi', '2Gi', { [`${T}.architecture`]: 's390x' }), MAX_GUEST],
    ],
  },
};
