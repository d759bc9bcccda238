import { CPU, LIM, REQ, type ExampleTable } from '../rule/examples.js';

const PAGE = 'spec.domain.memory.hugepages.pageSize';
const GUEST = 'spec.domain.memory.guest';
const LOCK = 'spec.domain.memory.reservedOverhead.memLock';
const OVERHEAD = 'spec.domain.resources.overcommitGuestOverhead';
const NUMA = `${CPU}.numa.guestMappingPassthrough`;
const MASK = `${CPU}.realtime.mask`;

const GATE = { developerConfiguration: { featureGates: ['ReservedOverheadMemlock'] } };
const pinned = { [`${CPU}.dedicatedCpuPlacement`]: true, [`${CPU}.cores`]: 4 };
const realtime = { ...pinned, [NUMA]: {}, [PAGE]: '2Mi' };

export const memoryBackingExamples: ExampleTable = {
  'mem.hugepages-size': {
    why: 'The pod would ask for a resource that no node has, and wait for ever.',
    accepts: [{ [PAGE]: '2Mi' }, { [PAGE]: '1Gi' }, { [PAGE]: '2048Ki' }],
    refuses: [
      [{ [PAGE]: '4Mi' }, PAGE],
      [{ [PAGE]: '64Ki' }, PAGE],
    ],
  },
  'mem.hugepages-resource': {
    accepts: [{ [PAGE]: '2Mi' }],
    refuses: [
      [
        { [PAGE]: '2Mi', 'spec.domain.resources.requests': { memory: '1Gi', 'hugepages-2Mi': '1Gi' } },
        'spec.domain.resources.requests[hugepages-2Mi]',
      ],
      [
        { 'spec.domain.resources.limits': { memory: '1Gi', 'hugepages-1Gi': '1Gi' } },
        'spec.domain.resources.limits[hugepages-1Gi]',
      ],
    ],
  },
  'mem.lock-overcommit': {
    why: 'Locked memory is there from the start, whatever the guest does: the node must have set all of it aside.',
    config: GATE,
    accepts: [
      { [LOCK]: 'Required' },
      { [LOCK]: 'Required', [`${REQ}.memory`]: '1Gi', [`${LIM}.memory`]: '1Gi' },
      { [LOCK]: 'NotRequired', [OVERHEAD]: true },
    ],
    refuses: [
      [{ [LOCK]: 'Required', [OVERHEAD]: true }, OVERHEAD],
      [{ [LOCK]: 'Required', [`${REQ}.memory`]: '1Gi', [GUEST]: '2Gi' }, GUEST],
    ],
  },
  'cpu.realtime-mask': {
    accepts: [
      { ...realtime, [MASK]: '0-3' },
      { ...realtime, [MASK]: '0-3,^1' },
    ],
    refuses: [
      [{ ...realtime, [MASK]: '0-4' }, MASK],
      [{ ...realtime, [MASK]: 'all' }, MASK],
      [{ ...realtime, [MASK]: '0,^0' }, MASK],
    ],
  },
  'cpu.numa-setting': {
    accepts: [{ ...pinned, [NUMA]: {}, [PAGE]: '2Mi' }],
    refuses: [
      [
        {
          ...pinned,
          [NUMA]: {},
          [PAGE]: '2Mi',
          'metadata.annotations': { VirtletLibvirtCPUSetting: 'mode: host-model' },
        },
        NUMA,
      ],
      [
        {
          ...pinned,
          [NUMA]: {},
          [PAGE]: '1Gi',
          'metadata.annotations': { VirtletLibvirtCPUSetting: '{"mode": "host-passthrough"}' },
        },
        NUMA,
      ],
    ],
  },
};
