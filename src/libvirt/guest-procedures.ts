/** Procedures that reach into the guest: its agent, its keyboard; and QEMU's monitor. */
import { hyper, int, list, struct, uhyper, uint } from './codec.js';
import { command, domainFlags, qemu, remote } from './procedure.js';
import { domain, optionalString, string, typedParameters } from './wire-types.js';

/** REMOTE_DOMAIN_FSFREEZE_MOUNTPOINTS_MAX, REMOTE_DOMAIN_FSINFO_MAX, REMOTE_DOMAIN_FSINFO_DISKS_MAX */
const FILESYSTEMS_MAX = 256;

const ipAddress = struct({ type: int, address: string, prefix: uint });
const guestInterface = struct({
  name: string,
  hardwareAddress: optionalString,
  addresses: list(ipAddress, 2048),
});
const filesystem = struct({
  mountpoint: string,
  name: string,
  type: string,
  disks: list(string, FILESYSTEMS_MAX),
});
const mountpoints = struct({ domain, mountpoints: list(string, FILESYSTEMS_MAX), flags: uint });

export const guestProcedures = {
  domainInjectNMI: command('domainInjectNMI', 210, domainFlags),
  domainSendKey: command(
    'domainSendKey',
    226,
    struct({ domain, codeset: uint, holdTime: uint, keycodes: list(uint, 16), flags: uint }),
  ),
  domainInterfaceAddresses: remote(
    'domainInterfaceAddresses',
    353,
    struct({ domain, source: uint, flags: uint }),
    struct({ interfaces: list(guestInterface, 2048) }),
  ),
  domainGetHostname: remote('domainGetHostname', 277, domainFlags, struct({ hostname: string })),
  domainGetGuestInfo: remote(
    'domainGetGuestInfo',
    418,
    struct({ domain, types: uint, flags: uint }),
    struct({ params: typedParameters(2048) }),
  ),
  domainGetGuestVcpus: remote('domainGetGuestVcpus', 371, domainFlags, struct({ params: typedParameters(64) })),
  domainSetGuestVcpus: command('domainSetGuestVcpus', 372, struct({ domain, cpus: string, state: int, flags: uint })),
  domainGetTime: remote('domainGetTime', 337, domainFlags, struct({ seconds: hyper, nanoseconds: uint })),
  domainSetTime: command('domainSetTime', 338, struct({ domain, seconds: hyper, nanoseconds: uint, flags: uint })),
  domainSetUserPassword: command(
    'domainSetUserPassword',
    357,
    struct({ domain, user: optionalString, password: optionalString, flags: uint }),
  ),
  domainFSFreeze: remote('domainFSFreeze', 335, mountpoints, struct({ filesystems: int })),
  domainFSThaw: remote('domainFSThaw', 336, mountpoints, struct({ filesystems: int })),
  domainFSTrim: command(
    'domainFSTrim',
    294,
    struct({ domain, mountpoint: optionalString, minimum: uhyper, flags: uint }),
  ),
  domainGetFSInfo: remote(
    'domainGetFSInfo',
    349,
    domainFlags,
    struct({ filesystems: list(filesystem, FILESYSTEMS_MAX), count: uint }),
  ),
  qemuMonitorCommand: qemu(
    'qemuMonitorCommand',
    1,
    struct({ domain, command: string, flags: uint }),
    struct({ result: string }),
  ),
  qemuAgentCommand: qemu(
    'qemuAgentCommand',
    3,
    struct({ domain, command: string, timeout: int, flags: uint }),
    struct({ result: optionalString }),
  ),
} as const;
