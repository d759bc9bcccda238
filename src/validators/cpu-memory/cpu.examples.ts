import { pinned, REQ, LIM, CPU, cpus, type ExampleTable } from '../rule/examples.js';

const NUMA = `${CPU}.numa.guestMappingPassthrough`;
const huge = { 'spec.domain.memory.hugepages.pageSize': '2Mi' };
const GUARANTEED = 'Only pods of class Guaranteed get CPUs of their own: their requests are their limits.';

export const cpuExamples: ExampleTable = {
  'cpu.request-negative': {
    accepts: [{ [`${REQ}.cpu`]: 2 }, { [`${REQ}.cpu`]: '0' }],
    refuses: [
      [{ [`${REQ}.cpu`]: -2 }, `${REQ}.cpu`],
      [{ [`${REQ}.cpu`]: '-1m' }, `${REQ}.cpu`],
    ],
  },
  'cpu.limit-negative': {
    accepts: [{ [`${LIM}.cpu`]: 2 }, { [`${LIM}.cpu`]: '1m' }],
    refuses: [
      [{ [`${LIM}.cpu`]: -2 }, `${LIM}.cpu`],
      [{ [`${LIM}.cpu`]: '-1m' }, `${LIM}.cpu`],
    ],
  },
  'cpu.request-over-limit': {
    why: 'A node would promise more than the pod may use; Kubernetes refuses such a pod.',
    accepts: [
      { [`${REQ}.cpu`]: 2, [`${LIM}.cpu`]: 2 },
      { [`${REQ}.cpu`]: '1', [`${LIM}.cpu`]: '1000m' },
    ],
    refuses: [
      [{ [`${REQ}.cpu`]: 4, [`${LIM}.cpu`]: 2 }, `${REQ}.cpu`],
      [{ [`${REQ}.cpu`]: '1001m', [`${LIM}.cpu`]: '1' }, `${REQ}.cpu`],
      [cpus(4, 2), `${REQ}.cpu`],
    ],
  },
  'cpu.isolate-emulator': {
    why: "The emulator's thread gets a CPU of its own beside those of the vCPUs, so there must be such.",
    accepts: [{ ...pinned, [`${CPU}.isolateEmulatorThread`]: true }],
    refuses: [
      [{ [`${CPU}.isolateEmulatorThread`]: true }, `${CPU}.isolateEmulatorThread`],
      [{ [`${CPU}.isolateEmulatorThread`]: true, [`${CPU}.cores`]: 2 }, `${CPU}.isolateEmulatorThread`],
    ],
  },
  'cpu.feature-policy': {
    accepts: [
      { [`${CPU}.features`]: [{ name: 'vmx', policy: 'require' }] },
      { [`${CPU}.features`]: [{ name: 'vmx', policy: 'force' }, { name: 'apic' }] },
    ],
    refuses: [
      [{ [`${CPU}.features`]: [{ name: 'vmx', policy: 'on' }] }, `${CPU}.features[0].policy`],
      [{ [`${CPU}.features`]: [{ name: 'a' }, { name: 'b', policy: 'Require' }] }, `${CPU}.features[1].policy`],
    ],
  },
  'cpu.max-sockets': {
    accepts: [{ [`${CPU}.sockets`]: 2, [`${CPU}.maxSockets`]: 2 }],
    refuses: [
      [{ [`${CPU}.sockets`]: 3, [`${CPU}.maxSockets`]: 2 }, `${CPU}.sockets`],
      [{ [`${CPU}.sockets`]: 9, [`${CPU}.maxSockets`]: 1 }, `${CPU}.sockets`],
    ],
  },
  'cpu.vcpus': {
    accepts: [{ [`${CPU}.sockets`]: 64, [`${CPU}.cores`]: 64 }],
    refuses: [
      [{ [`${CPU}.sockets`]: 4097 }, CPU],
      [{ [`${CPU}.sockets`]: 64, [`${CPU}.cores`]: 64, [`${CPU}.threads`]: 2 }, CPU],
      [{ [`${LIM}.cpu`]: '16Ei' }, `${LIM}.cpu`],
      [{ [`${REQ}.cpu`]: '5k' }, `${REQ}.cpu`],
    ],
  },
  'cpu.realtime-dedicated': {
    why: 'A vCPU that shares its CPU with others cannot answer in a bounded time.',
    accepts: [{ ...pinned, [`${CPU}.realtime`]: {}, [NUMA]: {}, ...huge }],
    refuses: [
      [{ [`${CPU}.realtime`]: {}, [NUMA]: {}, ...huge }, `${CPU}.dedicatedCpuPlacement`],
      [{ [`${CPU}.realtime`]: { mask: '0' }, [NUMA]: {}, ...huge }, `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'cpu.realtime-numa': {
    why: 'Memory of another NUMA node answers late.',
    accepts: [{ ...pinned, [`${CPU}.realtime`]: {}, [NUMA]: {}, ...huge }],
    refuses: [
      [{ ...pinned, [`${CPU}.realtime`]: {} }, NUMA],
      [{ ...pinned, [`${CPU}.realtime`]: {}, [`${CPU}.numa`]: {} }, NUMA],
    ],
  },
  'cpu.numa-dedicated': {
    why: 'The guest sees the NUMA nodes of its own CPUs, so it must have such.',
    accepts: [{ ...pinned, [NUMA]: {}, ...huge }],
    refuses: [
      [{ [NUMA]: {}, ...huge }, NUMA],
      [{ [NUMA]: {}, [`${CPU}.cores`]: 2, ...huge }, NUMA],
    ],
  },
  'cpu.numa-hugepages': {
    why: 'Only memory of huge pages is bound to a NUMA node.',
    accepts: [{ ...pinned, [NUMA]: {}, ...huge }],
    refuses: [
      [{ ...pinned, [NUMA]: {} }, NUMA],
      [{ ...pinned, [NUMA]: {}, [`${CPU}.realtime`]: {} }, NUMA],
    ],
  },
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
