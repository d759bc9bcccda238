/** Procedures about the daemon, its driver and the machine. */
import { bytes, characters, int, list, nothing, struct, truth, uhyper, uint } from './codec.js';
import { justFlags, remote, xmlFlags } from './procedure.js';
import { namedNumbers, optionalString, string } from './wire-types.js';

/** REMOTE_NODE_CPU_STATS_MAX, REMOTE_NODE_MEMORY_STATS_MAX */
const STATS_MAX = 16;
/** REMOTE_NODE_MAX_CELLS */
const CELLS_MAX = 1024;
/** VIR_SECURITY_MODEL_BUFLEN, VIR_SECURITY_DOI_BUFLEN */
const SECURITY_MAX = 257;

export const nodeProcedures = {
  connectGetType: remote('connectGetType', 3, nothing, struct({ type: string })),
  connectGetVersion: remote('connectGetVersion', 4, nothing, struct({ version: uhyper })),
  connectGetLibVersion: remote('connectGetLibVersion', 157, nothing, struct({ version: uhyper })),
  connectGetHostname: remote('connectGetHostname', 59, nothing, struct({ hostname: string })),
  connectGetUri: remote('connectGetUri', 110, nothing, struct({ uri: string })),
  connectIsSecure: remote('connectIsSecure', 149, nothing, struct({ secure: truth })),
  connectGetSysinfo: remote('connectGetSysinfo', 203, justFlags, struct({ sysinfo: string })),
  connectGetMaxVcpus: remote('connectGetMaxVcpus', 5, struct({ type: optionalString }), struct({ maxVcpus: int })),
  connectGetCapabilities: remote('connectGetCapabilities', 7, nothing, struct({ capabilities: string })),
  connectGetDomainCapabilities: remote(
    'connectGetDomainCapabilities',
    342,
    struct({
      emulator: optionalString,
      arch: optionalString,
      machine: optionalString,
      virtType: optionalString,
      flags: uint,
    }),
    struct({ capabilities: string }),
  ),
  connectGetCpuModelNames: remote(
    'connectGetCpuModelNames',
    312,
    struct({ arch: string, needResults: truth, flags: uint }),
    struct({ models: list(string, 8192), count: int }),
  ),
  connectCompareCPU: remote('connectCompareCPU', 158, xmlFlags, struct({ result: int })),
  connectBaselineCPU: remote(
    'connectBaselineCPU',
    162,
    struct({ cpus: list(string, 256), flags: uint }),
    struct({ cpu: string }),
  ),
  nodeGetInfo: remote(
    'nodeGetInfo',
    6,
    nothing,
    struct({
      model: characters(32),
      memory: uhyper,
      cpus: int,
      mhz: int,
      nodes: int,
      sockets: int,
      cores: int,
      threads: int,
    }),
  ),
  nodeGetFreeMemory: remote('nodeGetFreeMemory', 102, nothing, struct({ memory: uhyper })),
  nodeGetCellsFreeMemory: remote(
    'nodeGetCellsFreeMemory',
    101,
    struct({ startCell: int, maxCells: int }),
    struct({ cells: list(uhyper, CELLS_MAX) }),
  ),
  nodeGetFreePages: remote(
    'nodeGetFreePages',
    340,
    struct({ pageSizes: list(uint, CELLS_MAX), startCell: int, cellCount: uint, flags: uint }),
    struct({ counts: list(uhyper, CELLS_MAX) }),
  ),
  nodeGetCPUStats: remote(
    'nodeGetCPUStats',
    227,
    struct({ cpu: int, count: int, flags: uint }),
    struct({ stats: namedNumbers(STATS_MAX), count: int }),
  ),
  nodeGetMemoryStats: remote(
    'nodeGetMemoryStats',
    228,
    struct({ count: int, cell: int, flags: uint }),
    struct({ stats: namedNumbers(STATS_MAX), count: int }),
  ),
  nodeGetCPUMap: remote(
    'nodeGetCPUMap',
    293,
    struct({ needMap: truth, needOnline: truth, flags: uint }),
    struct({ map: bytes(2048), online: uint, total: int }),
  ),
  nodeGetSecurityModel: remote(
    'nodeGetSecurityModel',
    122,
    nothing,
    struct({ model: list(int, SECURITY_MAX), doi: list(int, SECURITY_MAX) }),
  ),
} as const;
