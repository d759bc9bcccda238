import { CPU, cpus, LIM, pinned, REQ, type ExampleTable } from '../rule/examples.js';

const GUARANTEED = 'Only pods of class Guaranteed get CPUs of their own: their requests are their limits.';

export const cpuPinningExamples: ExampleTable = {
  'pin.request-integer': {
    accepts: [cpus(2, 2), cpus('2000m', 2)],
    refuses: [
      [cpus('1500m', 2), `${REQ}.cpu`],
      [{ ...pinned, [`${REQ}.cpu`]: '1001m' }, `${REQ}.cpu`],
    ],
  },
  'pin.limit-integer': {
    accepts: [cpus(2, 2), cpus(2, '2000m')],
    refuses: [
      [cpus(2, '2500m'), `${LIM}.cpu`],
      [cpus('1001m', '1001m'), `${LIM}.cpu`],
      [{ ...pinned, [`${LIM}.cpu`]: '1500m' }, `${LIM}.cpu`],
    ],
  },
  'pin.memory-equal': {
    why: GUARANTEED,
    accepts: [
      { ...pinned, [`${REQ}.memory`]: '2Gi', [`${LIM}.memory`]: '2Gi' },
      { ...pinned, [`${LIM}.memory`]: '1024Mi' },
    ],
    refuses: [
      [{ ...pinned, [`${REQ}.memory`]: '1Gi', [`${LIM}.memory`]: '2Gi' }, `${REQ}.memory`],
      [{ ...pinned, [`${LIM}.memory`]: '1025Mi' }, `${REQ}.memory`],
    ],
  },
  'pin.overcommit': {
    why: GUARANTEED,
    accepts: [{ ...cpus(2, 2), 'spec.domain.resources.overcommitGuestOverhead': false }],
    refuses: [
      [
        { ...cpus(2, 2), 'spec.domain.resources.overcommitGuestOverhead': true },
        'spec.domain.resources.overcommitGuestOverhead',
      ],
      [
        { ...pinned, 'spec.domain.resources.overcommitGuestOverhead': true },
        'spec.domain.resources.overcommitGuestOverhead',
      ],
    ],
  },
  'pin.cpu-equal': {
    why: GUARANTEED,
    accepts: [cpus(2, 2)],
    refuses: [
      [cpus(1, 2), `${CPU}.dedicatedCpuPlacement`],
      [{ ...cpus(2, 4), [`${CPU}.cores`]: 3 }, `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'pin.cpu-vs-topology': {
    accepts: [
      { ...cpus(4, 4), [`${CPU}.cores`]: 4 },
      { ...cpus(4, 4), [`${CPU}.cores`]: 2, [`${CPU}.sockets`]: 2 },
    ],
    refuses: [
      [{ ...cpus(4, 4), [`${CPU}.cores`]: 2 }, `${CPU}.dedicatedCpuPlacement`],
      [{ ...cpus(2, 2), [`${CPU}.cores`]: 3 }, `${CPU}.dedicatedCpuPlacement`],
      [{ ...pinned, [`${REQ}.cpu`]: 2, [`${CPU}.cores`]: 3 }, `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'pin.arm-threads': {
    accepts: [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.cores`]: 2, [`${CPU}.threads`]: 1 }],
    refuses: [
      [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.cores`]: 1, [`${CPU}.threads`]: 2 }, `${CPU}.threads`],
      [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.threads`]: 3 }, `${CPU}.threads`],
    ],
  },
  'pin.threads': {
    why: "A core's threads are pinned to the threads of a real core, which has two at most.",
    accepts: [{ ...pinned, [`${CPU}.cores`]: 2, [`${CPU}.threads`]: 2 }],
    refuses: [
      [{ ...pinned, [`${CPU}.cores`]: 1, [`${CPU}.threads`]: 4 }, `${CPU}.threads`],
      [{ ...pinned, [`${CPU}.threads`]: 3 }, `${CPU}.threads`],
    ],
  },
};
