import { LIM, REQ, type ExampleTable } from '../rule/examples.js';

const GUEST = 'spec.domain.memory.guest';
const PAGE = 'spec.domain.memory.hugepages.pageSize';

export const memoryExamples: ExampleTable = {
  'mem.request-negative': {
    accepts: [{ [`${REQ}.memory`]: '1Gi' }],
    refuses: [
      [{ [`${REQ}.memory`]: '-1Gi' }, `${REQ}.memory`],
      [{ [`${REQ}.memory`]: -1 }, `${REQ}.memory`],
    ],
  },
  'mem.request-min': {
    why: 'A number without a unit is bytes: `1` for `1Gi` would be a VM of one byte.',
    accepts: [{ [`${REQ}.memory`]: '1Gi' }, { [`${REQ}.memory`]: '1M' }],
    refuses: [
      [{ [`${REQ}.memory`]: 1 }, `${REQ}.memory`],
      [{ [`${REQ}.memory`]: '999999' }, `${REQ}.memory`],
    ],
  },
  'mem.limit-negative': {
    accepts: [{ [`${LIM}.memory`]: '5Gi' }],
    refuses: [
      [{ [`${LIM}.memory`]: '-5Gi' }, `${LIM}.memory`],
      [{ [`${LIM}.memory`]: '-1' }, `${LIM}.memory`],
    ],
  },
  'mem.request-over-limit': {
    why: 'A node would promise more than the pod may use; Kubernetes refuses such a pod.',
    accepts: [{ [`${REQ}.memory`]: '1Gi', [`${LIM}.memory`]: '1Gi' }],
    refuses: [
      [{ [`${REQ}.memory`]: '2Gi', [`${LIM}.memory`]: '1Gi' }, `${REQ}.memory`],
      [{ [`${LIM}.memory`]: '1023Mi' }, `${REQ}.memory`],
    ],
  },
  'mem.guest-positive': {
    why: 'KubeVirt accepts it, and the VM cannot start.',
    accepts: [{ [GUEST]: '1Gi' }, { [GUEST]: '1M' }],
    refuses: [
      [{ [GUEST]: '0' }, GUEST],
      [{ [GUEST]: '-1Gi' }, GUEST],
    ],
  },
  'mem.guest-min': {
    why: 'A number without a unit is bytes: no guest boots in 4096 of them.',
    accepts: [{ [GUEST]: '4096Mi' }, { [GUEST]: 4294967296 }],
    refuses: [
      [{ [GUEST]: 4096 }, GUEST],
      [{ [GUEST]: '2' }, GUEST],
      [{ [GUEST]: '64Ki', 'spec.domain.memory.maxGuest': 4096 }, GUEST],
    ],
  },
  'mem.hugepages-format': {
    accepts: [{ [PAGE]: '2Mi' }],
    refuses: [
      [{ [PAGE]: 'big' }, PAGE],
      [{ [PAGE]: '2' }, PAGE],
      [{ 'spec.domain.memory.hugepages': {} }, PAGE],
    ],
  },
  'mem.hugepages-larger': {
    why: 'The memory of the guest is made of whole huge pages.',
    accepts: [{ [`${REQ}.memory`]: '1Gi', [PAGE]: '1Gi' }],
    refuses: [
      [{ [`${REQ}.memory`]: '512Mi', [PAGE]: '1Gi' }, `${REQ}.memory`],
      [{ [PAGE]: '1025Mi' }, `${REQ}.memory`],
    ],
  },
  'mem.hugepages-multiple': {
    why: 'The memory of the guest is made of whole huge pages.',
    accepts: [{ [`${REQ}.memory`]: '1026Mi', [PAGE]: '2Mi' }],
    refuses: [
      [{ [`${REQ}.memory`]: '1025Mi', [PAGE]: '2Mi' }, `${REQ}.memory`],
      [{ [`${REQ}.memory`]: '1Gi', [GUEST]: '1025Mi', [PAGE]: '2Mi' }, GUEST],
      [{ [PAGE]: '1000Mi' }, `${REQ}.memory`],
    ],
  },
  'mem.guest-over-limit': {
    why: 'The memory limit is that of the pod in which the guest lives. Under LiveUpdate the limit grows with the guest.',
    config: { vmRolloutStrategy: 'Stage' },
    accepts: [{ [GUEST]: '1Gi', [`${LIM}.memory`]: '1Gi' }],
    refuses: [
      [{ [GUEST]: '2Gi', [`${LIM}.memory`]: '1Gi' }, GUEST],
      [{ [GUEST]: '1025Mi', [`${LIM}.memory`]: '1Gi' }, GUEST],
    ],
  },
  'mem.reserved-overhead-gate': {
    accepts: [{ 'spec.domain.memory.reservedOverhead': undefined }, { 'spec.domain.memory.reservedOverhead': {} }],
    refuses: [
      [{ 'spec.domain.memory.reservedOverhead': { memLock: 'Required' } }, 'spec.domain.memory.reservedOverhead'],
      [{ 'spec.domain.memory.reservedOverhead': { memLock: 'NotRequired' } }, 'spec.domain.memory.reservedOverhead'],
    ],
  },
  'mem.none': {
    accepts: [{ 'spec.domain.resources': {}, [GUEST]: '1Gi' }],
    refuses: [
      [{ 'spec.domain.resources': {} }, GUEST],
      [{ 'spec.domain.resources': { requests: { memory: '0' } } }, GUEST],
    ],
  },
};
