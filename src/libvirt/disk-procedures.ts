/** Procedures about a domain's disks, and the jobs on them. */
import { bytes, int, list, struct, truth, uhyper, uint } from './codec.js';
import { command, remote } from './procedure.js';
import { domain, optionalString, string, typedParameters } from './wire-types.js';

const diskFlags = struct({ domain, path: string, flags: uint });
const diskBandwidth = struct({ domain, path: string, bandwidth: uhyper, flags: uint });

export const diskProcedures = {
  domainBlockResize: command('domainBlockResize', 251, struct({ domain, disk: string, size: uhyper, flags: uint })),
  domainGetBlockInfo: remote(
    'domainGetBlockInfo',
    194,
    diskFlags,
    struct({ allocation: uhyper, capacity: uhyper, physical: uhyper }),
  ),
  domainBlockStatsFlags: remote(
    'domainBlockStatsFlags',
    243,
    struct({ domain, path: string, count: int, flags: uint }),
    struct({ params: typedParameters(16), count: int }),
  ),
  domainGetDiskErrors: remote(
    'domainGetDiskErrors',
    263,
    struct({ domain, max: uint, flags: uint }),
    struct({ errors: list(struct({ disk: string, error: int }), 256), count: int }),
  ),
  domainBlockPeek: remote(
    'domainBlockPeek',
    103,
    struct({ domain, path: string, offset: uhyper, size: uint, flags: uint }),
    struct({ data: bytes(4_194_304) }),
  ),
  domainGetBlockJobInfo: remote(
    'domainGetBlockJobInfo',
    238,
    diskFlags,
    struct({ found: truth, type: int, bandwidth: uhyper, current: uhyper, end: uhyper }),
  ),
  domainBlockJobAbort: command('domainBlockJobAbort', 237, diskFlags),
  domainBlockJobSetSpeed: command('domainBlockJobSetSpeed', 239, diskBandwidth),
  domainBlockPull: command('domainBlockPull', 240, diskBandwidth),
  domainBlockRebase: command(
    'domainBlockRebase',
    266,
    struct({ domain, path: string, base: optionalString, bandwidth: uhyper, flags: uint }),
  ),
  domainBlockCommit: command(
    'domainBlockCommit',
    290,
    struct({ domain, disk: string, base: optionalString, top: optionalString, bandwidth: uhyper, flags: uint }),
  ),
} as const;
