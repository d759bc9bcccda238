/**
 * The procedure table: number, argument and result types of every procedure this library calls.
 *
 * Numbers and structures follow libvirt's `src/remote/remote_protocol.x` and `src/remote/qemu_protocol.x` (read in
 * version 9.0.0; the wire never changes, newer versions only append). Limits are those of the same files. A procedure
 * that is missing here is one entry more, plus a method in the API class of its subject.
 */
import { bytes, hyper, int, list, nothing, optional, struct, truth, uhyper, uint, type Codec } from './codec.js';
import { Program } from './frame.js';
import { domain, DOMAIN_LIST_MAX, optionalString, string, typedParameters, uuid } from './wire-types.js';

/** One remote procedure: `A` goes out, `R` comes back. */
export interface Procedure<A, R> {
  readonly name: string;
  readonly program: number;
  readonly number: number;
  readonly args: Codec<A>;
  readonly result: Codec<R>;
}

const remote = <A, R>(name: string, number: number, args: Codec<A>, result: Codec<R>): Procedure<A, R> => ({
  name,
  program: Program.REMOTE,
  number,
  args,
  result,
});

const qemu = <A, R>(name: string, number: number, args: Codec<A>, result: Codec<R>): Procedure<A, R> => ({
  ...remote(name, number, args, result),
  program: Program.QEMU,
});

const justDomain = struct({ domain });
const domainFlags = struct({ domain, flags: uint });
const domainXmlFlags = struct({ domain, xml: string, flags: uint });
const domainPath = struct({ domain, path: string });
const xmlFlags = struct({ xml: string, flags: uint });

const ipAddress = struct({ type: int, address: string, prefix: uint });
const guestInterface = struct({
  name: string,
  hardwareAddress: optionalString,
  addresses: list(ipAddress, 2048),
});
const vcpu = struct({ number: uint, state: int, cpuTime: uhyper, cpu: int });

export const procedures = {
  // Connection
  authList: remote('authList', 66, nothing, struct({ types: list(int, 20) })),
  authPolkit: remote('authPolkit', 70, nothing, struct({ complete: int })),
  connectSupportsFeature: remote('connectSupportsFeature', 60, struct({ feature: int }), struct({ supported: truth })),
  connectOpen: remote('connectOpen', 1, struct({ name: optionalString, flags: uint }), nothing),
  connectClose: remote('connectClose', 2, nothing, nothing),
  connectGetType: remote('connectGetType', 3, nothing, struct({ type: string })),
  connectGetVersion: remote('connectGetVersion', 4, nothing, struct({ version: uhyper })),
  connectGetLibVersion: remote('connectGetLibVersion', 157, nothing, struct({ version: uhyper })),
  connectGetHostname: remote('connectGetHostname', 59, nothing, struct({ hostname: string })),
  connectGetUri: remote('connectGetUri', 110, nothing, struct({ uri: string })),
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

  // Domains: define, find
  domainDefineXMLFlags: remote('domainDefineXMLFlags', 350, xmlFlags, justDomain),
  domainCreateXML: remote('domainCreateXML', 10, xmlFlags, justDomain),
  domainUndefineFlags: remote('domainUndefineFlags', 231, domainFlags, nothing),
  domainLookupByName: remote('domainLookupByName', 23, struct({ name: string }), justDomain),
  domainLookupByUUID: remote('domainLookupByUUID', 24, struct({ uuid }), justDomain),
  domainLookupByID: remote('domainLookupByID', 22, struct({ id: int }), justDomain),
  connectListAllDomains: remote(
    'connectListAllDomains',
    273,
    struct({ needResults: truth, flags: uint }),
    struct({ domains: list(domain, DOMAIN_LIST_MAX), count: uint }),
  ),

  // Domains: run
  domainCreateWithFlags: remote('domainCreateWithFlags', 196, domainFlags, justDomain),
  domainDestroyFlags: remote('domainDestroyFlags', 234, domainFlags, nothing),
  domainShutdownFlags: remote('domainShutdownFlags', 258, domainFlags, nothing),
  domainReboot: remote('domainReboot', 27, domainFlags, nothing),
  domainReset: remote('domainReset', 245, domainFlags, nothing),
  domainSuspend: remote('domainSuspend', 34, justDomain, nothing),
  domainResume: remote('domainResume', 28, justDomain, nothing),
  domainInjectNMI: remote('domainInjectNMI', 210, domainFlags, nothing),
  domainSendKey: remote(
    'domainSendKey',
    226,
    struct({ domain, codeset: uint, holdTime: uint, keycodes: list(uint, 16), flags: uint }),
    nothing,
  ),

  // Domains: look at
  domainGetXMLDesc: remote('domainGetXMLDesc', 14, domainFlags, struct({ xml: string })),
  domainGetInfo: remote(
    'domainGetInfo',
    16,
    justDomain,
    struct({ state: uint, maxMemory: uhyper, memory: uhyper, vcpus: uint, cpuTime: uhyper }),
  ),
  domainGetState: remote('domainGetState', 212, domainFlags, struct({ state: int, reason: int })),
  domainGetControlInfo: remote(
    'domainGetControlInfo',
    229,
    domainFlags,
    struct({ state: uint, details: uint, stateTime: uhyper }),
  ),
  domainIsActive: remote('domainIsActive', 150, justDomain, struct({ active: truth })),
  domainIsPersistent: remote('domainIsPersistent', 151, justDomain, struct({ persistent: truth })),
  domainInterfaceAddresses: remote(
    'domainInterfaceAddresses',
    353,
    struct({ domain, source: uint, flags: uint }),
    struct({ interfaces: list(guestInterface, 2048) }),
  ),
  domainGetGuestInfo: remote(
    'domainGetGuestInfo',
    418,
    struct({ domain, types: uint, flags: uint }),
    struct({ params: typedParameters(2048) }),
  ),

  // Domains: statistics
  domainMemoryStats: remote(
    'domainMemoryStats',
    159,
    struct({ domain, maxStats: uint, flags: uint }),
    struct({ stats: list(struct({ tag: int, value: uhyper }), 1024) }),
  ),
  domainBlockStatsFlags: remote(
    'domainBlockStatsFlags',
    243,
    struct({ domain, path: string, count: int, flags: uint }),
    struct({ params: typedParameters(16), count: int }),
  ),
  domainGetBlockInfo: remote(
    'domainGetBlockInfo',
    194,
    struct({ domain, path: string, flags: uint }),
    struct({ allocation: uhyper, capacity: uhyper, physical: uhyper }),
  ),
  domainInterfaceStats: remote(
    'domainInterfaceStats',
    65,
    domainPath,
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
  domainGetVcpus: remote(
    'domainGetVcpus',
    20,
    struct({ domain, maxInfo: int, mapLength: int }),
    struct({ info: list(vcpu, 16_384), cpuMaps: bytes(8_388_608) }),
  ),
  connectGetAllDomainStats: remote(
    'connectGetAllDomainStats',
    344,
    struct({ domains: list(domain, DOMAIN_LIST_MAX), stats: uint, flags: uint }),
    struct({ records: list(struct({ domain, params: typedParameters(262_144) }), DOMAIN_LIST_MAX) }),
  ),

  // Domains: change
  domainAttachDeviceFlags: remote('domainAttachDeviceFlags', 160, domainXmlFlags, nothing),
  domainDetachDeviceFlags: remote('domainDetachDeviceFlags', 161, domainXmlFlags, nothing),
  domainUpdateDeviceFlags: remote('domainUpdateDeviceFlags', 174, domainXmlFlags, nothing),
  domainDetachDeviceAlias: remote(
    'domainDetachDeviceAlias',
    392,
    struct({ domain, alias: string, flags: uint }),
    nothing,
  ),
  domainBlockResize: remote(
    'domainBlockResize',
    251,
    struct({ domain, disk: string, size: uhyper, flags: uint }),
    nothing,
  ),
  domainSetMemoryFlags: remote('domainSetMemoryFlags', 204, struct({ domain, memory: uhyper, flags: uint }), nothing),
  domainSetMemoryStatsPeriod: remote(
    'domainSetMemoryStatsPeriod',
    308,
    struct({ domain, period: int, flags: uint }),
    nothing,
  ),
  domainSetVcpusFlags: remote('domainSetVcpusFlags', 199, struct({ domain, vcpus: uint, flags: uint }), nothing),

  // Guest: file systems, agent, monitor
  domainFSFreeze: remote(
    'domainFSFreeze',
    335,
    struct({ domain, mountpoints: list(string, 256), flags: uint }),
    struct({ filesystems: int }),
  ),
  domainFSThaw: remote(
    'domainFSThaw',
    336,
    struct({ domain, mountpoints: list(string, 256), flags: uint }),
    struct({ filesystems: int }),
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

  // Streams
  domainScreenshot: remote(
    'domainScreenshot',
    211,
    struct({ domain, screen: uint, flags: uint }),
    struct({ mime: optionalString }),
  ),
  domainOpenConsole: remote('domainOpenConsole', 201, struct({ domain, device: optionalString, flags: uint }), nothing),

  // Events
  eventRegister: remote(
    'connectDomainEventCallbackRegisterAny',
    316,
    struct({ eventId: int, domain: optional(domain) }),
    struct({ callbackId: int }),
  ),
  eventDeregister: remote('connectDomainEventCallbackDeregisterAny', 317, struct({ callbackId: int }), nothing),
} as const;
