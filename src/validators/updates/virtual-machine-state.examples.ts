import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachine' as const;
const RUN = 'spec.runStrategy';
const T = 'spec.template.spec';
const running = (value: boolean): Change => ({ [RUN]: undefined, 'spec.running': value });
const snapshot: Change = { 'status.snapshotInProgress': 'nightly' };
const restore: Change = { 'status.restoreInProgress': 'yesterday' };
const volume2 = (image: string): Change => ({
  [`${T}.volumes[1]`]: { name: 'init', containerDisk: { image } },
});

export const virtualMachineStateExamples: ExampleTable = {
  'vm.snapshot-volumes': {
    why: 'A snapshot holds the volumes and their definition as they belong together.',
    kind,
    old: { ...snapshot, ...volume2('registry.example/a:v1') },
    accepts: [
      { ...snapshot, ...volume2('registry.example/a:v1'), 'metadata.labels': { a: 'b' } },
      { ...snapshot, ...volume2('registry.example/a:v1'), [`${T}.domain.cpu.cores`]: 2 },
    ],
    refuses: [
      [{ ...snapshot, ...volume2('registry.example/a:v2') }, `${T}.volumes[1].containerDisk.image`],
      [
        {
          ...snapshot,
          ...volume2('registry.example/a:v1'),
          [`${T}.volumes[2]`]: { name: 'c', emptyDisk: { capacity: '1Gi' } },
        },
        `${T}.volumes[2]`,
      ],
    ],
  },
  'vm.snapshot-running': {
    why: 'A snapshot is of a VM in one state.',
    kind,
    old: { ...snapshot, [RUN]: 'Always' },
    accepts: [{ ...snapshot, [RUN]: 'Always', [`${T}.domain.cpu.cores`]: 2 }],
    refuses: [
      [{ ...snapshot, [RUN]: 'Halted' }, RUN],
      // The stored object counts: leaving the status out does not help.
      [{ [RUN]: 'Manual' }, RUN],
      [{ ...snapshot, ...running(true) }, 'spec.running'],
    ],
  },
  'vm.restore-running': {
    why: 'A VM that starts while its volumes are restored would read half of each.',
    kind,
    old: { ...restore, [RUN]: 'Halted' },
    accepts: [
      { ...restore, [RUN]: 'Halted' },
      { ...restore, [RUN]: 'Halted', [`${T}.volumes[1]`]: { name: 'init', emptyDisk: { capacity: '1Gi' } } },
      // Says the same in the other field.
      { ...restore, ...running(false) },
    ],
    refuses: [
      [{ ...restore, [RUN]: 'Always' }, RUN],
      [{ ...restore, ...running(true) }, 'spec.running'],
    ],
  },
};
