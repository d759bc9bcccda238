import { CPU, cpus, LIM, pinned, REQ, type ExampleTable } from '../rule/examples.js';

const NUMA = `${CPU}.numa.guestMappingPassthrough`;
const huge = { 'spec.domain.memory.hugepages.pageSize': '2Mi' };

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
      [{ [`${CPU}.features`]: [{ name: 'aes' }, { name: 'avx', policy: 'Require' }] }, `${CPU}.features[1].policy`],
    ],
  },
  'cpu.machine-vcpus': {
    accepts: [
      { 'spec.domain.machine.type': 'pc-q35-7.2', [`${CPU}.sockets`]: 288 },
      { 'spec.domain.machine.type': 'q35', [`${CPU}.sockets`]: 512 },
    ],
    refuses: [
      [{ 'spec.domain.machine.type': 'pc-q35-7.2', [`${CPU}.sockets`]: 289 }, CPU],
      [{ 'spec.domain.machine.type': 'pc-q35-rhel9.4.0', [`${CPU}.sockets`]: 1025 }, CPU],
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
};
