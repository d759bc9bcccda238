import { pinned, REQ, LIM, CPU, cpus, type ExampleTable } from './shared.js';

export const cpuExamples: ExampleTable = {
  'cpu.request-negative': {
    accepts: [{ [`${REQ}.cpu`]: '0' }],
    refuses: [
      [{ [`${REQ}.cpu`]: '-1m' }, `${REQ}.cpu`],
      [{ [`${REQ}.cpu`]: -2 }, `${REQ}.cpu`],
    ],
  },
  'cpu.limit-negative': {
    accepts: [{ [`${LIM}.cpu`]: '1m' }],
    refuses: [
      [{ [`${LIM}.cpu`]: '-1m' }, `${LIM}.cpu`],
      [{ [`${LIM}.cpu`]: -2 }, `${LIM}.cpu`],
    ],
  },
  'cpu.request-over-limit': {
    accepts: [{ [`${REQ}.cpu`]: '1', [`${LIM}.cpu`]: '1' }],
    refuses: [
      [{ [`${REQ}.cpu`]: '1001m', [`${LIM}.cpu`]: '1' }, `${REQ}.cpu`],
      [{ [`${REQ}.cpu`]: 4, [`${LIM}.cpu`]: 2 }, `${REQ}.cpu`],
    ],
  },
  'cpu.isolate-emulator': {
    accepts: [{ ...pinned, [`${CPU}.isolateEmulatorThread`]: true }],
    refuses: [
      [{ [`${CPU}.isolateEmulatorThread`]: true }, `${CPU}.isolateEmulatorThread`],
      [{ [`${CPU}.isolateEmulatorThread`]: true, [`${CPU}.cores`]: 2 }, `${CPU}.isolateEmulatorThread`],
    ],
  },
  'cpu.feature-policy': {
    accepts: [{ [`${CPU}.features`]: [{ name: 'vmx', policy: 'force' }, { name: 'apic' }] }],
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
    accepts: [{ ...pinned, [`${CPU}.realtime`]: {} }],
    refuses: [
      [{ [`${CPU}.realtime`]: {} }, `${CPU}.dedicatedCpuPlacement`],
      [{ [`${CPU}.realtime`]: { mask: '0' } }, `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'cpu.realtime-numa': {
    accepts: [{ [`${CPU}.realtime`]: {}, [`${CPU}.numa.guestMappingPassthrough`]: {} }],
    refuses: [
      [{ [`${CPU}.realtime`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
      [{ ...pinned, [`${CPU}.realtime`]: {}, [`${CPU}.numa`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
    ],
  },
  'cpu.numa-dedicated': {
    accepts: [{ ...pinned, [`${CPU}.numa.guestMappingPassthrough`]: {} }],
    refuses: [
      [{ [`${CPU}.numa.guestMappingPassthrough`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
      [{ [`${CPU}.numa.guestMappingPassthrough`]: {}, [`${CPU}.cores`]: 2 }, `${CPU}.numa.guestMappingPassthrough`],
    ],
  },
  'cpu.numa-hugepages': {
    accepts: [{ [`${CPU}.numa.guestMappingPassthrough`]: {}, 'spec.domain.memory.hugepages.pageSize': '2Mi' }],
    refuses: [
      [{ [`${CPU}.numa.guestMappingPassthrough`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
      [{ ...pinned, [`${CPU}.numa.guestMappingPassthrough`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
    ],
  },
  'pin.request-integer': {
    accepts: [cpus('2000m', 2)],
    refuses: [
      [cpus('1500m', 2), `${REQ}.cpu`],
      [cpus('1001m', '1001m'), `${REQ}.cpu`],
    ],
  },
  'pin.limit-integer': {
    accepts: [cpus(2, '2000m')],
    refuses: [
      [cpus(1, '1500m'), `${LIM}.cpu`],
      [cpus('1001m', '1001m'), `${LIM}.cpu`],
    ],
  },
  'pin.memory-equal': {
    accepts: [{ ...pinned, [`${LIM}.memory`]: '1024Mi' }],
    refuses: [
      [{ ...pinned, [`${LIM}.memory`]: '2Gi' }, `${REQ}.memory`],
      [{ ...pinned, [`${LIM}.memory`]: '1025Mi' }, `${REQ}.memory`],
    ],
  },
  'pin.cpu-equal': {
    accepts: [cpus(2, 2)],
    refuses: [
      [cpus(1, 2), `${CPU}.dedicatedCpuPlacement`],
      [cpus(2, 4), `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'pin.cpu-vs-topology': {
    accepts: [{ ...cpus(4, 4), [`${CPU}.cores`]: 2, [`${CPU}.sockets`]: 2 }],
    refuses: [
      [{ ...cpus(4, 4), [`${CPU}.cores`]: 2 }, `${CPU}.dedicatedCpuPlacement`],
      [{ ...cpus(2, 2), [`${CPU}.cores`]: 3 }, `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'pin.arm-threads': {
    accepts: [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.threads`]: 1 }],
    refuses: [
      [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.threads`]: 2 }, `${CPU}.threads`],
      [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.threads`]: 3 }, `${CPU}.threads`],
    ],
  },
  'pin.threads': {
    accepts: [{ ...pinned, [`${CPU}.threads`]: 2 }],
    refuses: [
      [{ ...pinned, [`${CPU}.threads`]: 3 }, `${CPU}.threads`],
      [{ ...pinned, [`${CPU}.threads`]: 8 }, `${CPU}.threads`],
    ],
  },
};
