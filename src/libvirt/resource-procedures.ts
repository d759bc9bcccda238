/** Procedures about a domain's vCPUs, memory and network counters. */
import { bytes, hyper, int, list, struct, uhyper, uint } from './codec.js';
import { command, domainFlags, justDomain, remote } from './procedure.js';
import { domain, DOMAIN_LIST_MAX, string, typedParameters } from './wire-types.js';

/** REMOTE_CPUMAP_MAX: bytes of one set of CPUs. */
const CPU_MAP_MAX = 2048;
/** REMOTE_CPUMAPS_MAX */
const CPU_MAPS_MAX = 8_388_608;

const vcpu = struct({ number: uint, state: int, cpuTime: uhyper, cpu: int });

export const resourceProcedures = {
  domainGetMaxMemory: remote('domainGetMaxMemory', 17, justDomain, struct({ memory: uhyper })),
  domainSetMemoryFlags: command('domainSetMemoryFlags', 204, struct({ domain, memory: uhyper, flags: uint })),
  domainSetMemoryStatsPeriod: command('domainSetMemoryStatsPeriod', 308, struct({ domain, period: int, flags: uint })),
  domainMemoryStats: remote(
    'domainMemoryStats',
    159,
    struct({ domain, maxStats: uint, flags: uint }),
    struct({ stats: list(struct({ tag: int, value: uhyper }), 1024) }),
  ),
  domainMemoryPeek: remote(
    'domainMemoryPeek',
    104,
    struct({ domain, offset: uhyper, size: uint, flags: uint }),
    struct({ data: bytes(4_194_304) }),
  ),
  domainSetVcpusFlags: command('domainSetVcpusFlags', 199, struct({ domain, vcpus: uint, flags: uint })),
  domainGetVcpusFlags: remote('domainGetVcpusFlags', 200, domainFlags, struct({ count: int })),
  domainGetMaxVcpus: remote('domainGetMaxVcpus', 18, justDomain, struct({ count: int })),
  domainGetVcpus: remote(
    'domainGetVcpus',
    20,
    struct({ domain, maxInfo: int, mapLength: int }),
    struct({ info: list(vcpu, 16_384), cpuMaps: bytes(CPU_MAPS_MAX) }),
  ),
  domainPinVcpuFlags: command(
    'domainPinVcpuFlags',
    225,
    struct({ domain, vcpu: uint, cpuMap: bytes(CPU_MAP_MAX), flags: uint }),
  ),
  domainGetVcpuPinInfo: remote(
    'domainGetVcpuPinInfo',
    230,
    struct({ domain, maps: int, mapLength: int, flags: uint }),
    struct({ cpuMaps: bytes(CPU_MAPS_MAX), count: int }),
  ),
  domainPinEmulator: command('domainPinEmulator', 279, struct({ domain, cpuMap: bytes(CPU_MAP_MAX), flags: uint })),
  domainGetEmulatorPinInfo: remote(
    'domainGetEmulatorPinInfo',
    280,
    struct({ domain, mapLength: int, flags: uint }),
    struct({ cpuMaps: bytes(CPU_MAPS_MAX), result: int }),
  ),
  domainGetCPUStats: remote(
    'domainGetCPUStats',
    262,
    struct({ domain, params: uint, startCpu: int, cpus: uint, flags: uint }),
    struct({ params: typedParameters(2048), count: int }),
  ),
  domainInterfaceStats: remote(
    'domainInterfaceStats',
    65,
    struct({ domain, path: string }),
    struct({
      rxBytes: hyper,
      rxPackets: hyper,
      rxErrors: hyper,
      rxDrops: hyper,
      txBytes: hyper,
      txPackets: hyper,
      txErrors: hyper,
      txDrops: hyper,
    }),
  ),
  connectGetAllDomainStats: remote(
    'connectGetAllDomainStats',
    344,
    struct({ domains: list(domain, DOMAIN_LIST_MAX), stats: uint, flags: uint }),
    struct({ records: list(struct({ domain, params: typedParameters(262_144) }), DOMAIN_LIST_MAX) }),
  ),
} as const;
