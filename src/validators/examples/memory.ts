import { REQ, LIM, type ExampleTable } from './shared.js';

export const memoryExamples: ExampleTable = {
  'mem.request-negative': {
    accepts: [{ [`${REQ}.memory`]: '1M' }],
    refuses: [
      [{ [`${REQ}.memory`]: '-1Gi' }, `${REQ}.memory`],
      [{ [`${REQ}.memory`]: -1 }, `${REQ}.memory`],
    ],
  },
  'mem.request-min': {
    accepts: [{ [`${REQ}.memory`]: '1M' }],
    refuses: [
      [{ [`${REQ}.memory`]: '999999' }, `${REQ}.memory`],
      [{ [`${REQ}.memory`]: 1 }, `${REQ}.memory`],
    ],
  },
  'mem.limit-negative': {
    accepts: [{ [`${LIM}.memory`]: '1Gi' }],
    refuses: [
      [{ [`${LIM}.memory`]: '-1' }, `${LIM}.memory`],
      [{ [`${LIM}.memory`]: '-5Gi' }, `${LIM}.memory`],
    ],
  },
  'mem.request-over-limit': {
    accepts: [{ [`${LIM}.memory`]: '1Gi' }],
    refuses: [
      [{ [`${LIM}.memory`]: '1023Mi' }, `${REQ}.memory`],
      [{ [`${LIM}.memory`]: '1G' }, `${REQ}.memory`],
    ],
  },
  'mem.guest-positive': {
    accepts: [{ 'spec.domain.memory.guest': '1' }],
    refuses: [
      [{ 'spec.domain.memory.guest': '0' }, 'spec.domain.memory.guest'],
      [{ 'spec.domain.memory.guest': '-1Gi' }, 'spec.domain.memory.guest'],
    ],
  },
  'mem.hugepages-format': {
    accepts: [{ 'spec.domain.memory.hugepages.pageSize': '2Mi' }],
    refuses: [
      [{ 'spec.domain.memory.hugepages.pageSize': 'big' }, 'spec.domain.memory.hugepages.pageSize'],
      [{ 'spec.domain.memory.hugepages': {} }, 'spec.domain.memory.hugepages.pageSize'],
    ],
  },
  'mem.hugepages-larger': {
    accepts: [{ 'spec.domain.memory.hugepages.pageSize': '1Gi' }],
    refuses: [
      [{ 'spec.domain.memory.hugepages.pageSize': '2Gi' }, `${REQ}.memory`],
      [{ 'spec.domain.memory.hugepages.pageSize': '1025Mi' }, `${REQ}.memory`],
    ],
  },
  'mem.hugepages-multiple': {
    accepts: [{ 'spec.domain.memory.hugepages.pageSize': '512Mi' }],
    refuses: [
      [{ 'spec.domain.memory.hugepages.pageSize': '3Mi' }, `${REQ}.memory`],
      [{ 'spec.domain.memory.hugepages.pageSize': '1000Mi' }, `${REQ}.memory`],
    ],
  },
  'mem.guest-over-limit': {
    config: { vmRolloutStrategy: 'Stage' },
    accepts: [{ 'spec.domain.memory.guest': '1Gi', [`${LIM}.memory`]: '1Gi' }],
    refuses: [
      [{ 'spec.domain.memory.guest': '2Gi', [`${LIM}.memory`]: '1Gi' }, 'spec.domain.memory.guest'],
      [{ 'spec.domain.memory.guest': '1025Mi', [`${LIM}.memory`]: '1Gi' }, 'spec.domain.memory.guest'],
    ],
  },
  'mem.reserved-overhead-gate': {
    accepts: [{}],
    refuses: [
      [{ 'spec.domain.memory.reservedOverhead': {} }, 'spec.domain.memory.reservedOverhead'],
      [{ 'spec.domain.memory.reservedOverhead': { memLock: 'Required' } }, 'spec.domain.memory.reservedOverhead'],
    ],
  },
  'mem.none': {
    accepts: [{ 'spec.domain.resources': {}, 'spec.domain.memory.guest': '1Gi' }],
    refuses: [
      [{ 'spec.domain.resources': {} }, 'spec.domain.memory.guest'],
      [{ 'spec.domain.resources': { requests: { memory: '0' } } }, 'spec.domain.memory.guest'],
    ],
  },
};
