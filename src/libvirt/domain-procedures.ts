/** Procedures of domains: define, find, run, look at, save, jobs, consoles. */
import { int, list, struct, truth, uhyper, uint } from './codec.js';
import { command, domainFlags, domainXmlFlags, justDomain, remote, xmlFlags, xmlResult } from './procedure.js';
import { domain, DOMAIN_LIST_MAX, optionalString, string, typedParameters, uuid } from './wire-types.js';

const fileXmlFlags = struct({ file: string, xml: optionalString, flags: uint });

export const domainProcedures = {
  // Define, find
  domainDefineXMLFlags: remote('domainDefineXMLFlags', 350, xmlFlags, justDomain),
  domainCreateXML: remote('domainCreateXML', 10, xmlFlags, justDomain),
  domainUndefineFlags: command('domainUndefineFlags', 231, domainFlags),
  domainRename: remote(
    'domainRename',
    358,
    struct({ domain, name: optionalString, flags: uint }),
    struct({ result: int }),
  ),
  domainLookupByName: remote('domainLookupByName', 23, struct({ name: string }), justDomain),
  domainLookupByUUID: remote('domainLookupByUUID', 24, struct({ uuid }), justDomain),
  domainLookupByID: remote('domainLookupByID', 22, struct({ id: int }), justDomain),
  connectListAllDomains: remote(
    'connectListAllDomains',
    273,
    struct({ needResults: truth, flags: uint }),
    struct({ domains: list(domain, DOMAIN_LIST_MAX), count: uint }),
  ),

  // Run
  domainCreateWithFlags: remote('domainCreateWithFlags', 196, domainFlags, justDomain),
  domainDestroyFlags: command('domainDestroyFlags', 234, domainFlags),
  domainShutdownFlags: command('domainShutdownFlags', 258, domainFlags),
  domainReboot: command('domainReboot', 27, domainFlags),
  domainReset: command('domainReset', 245, domainFlags),
  domainSuspend: command('domainSuspend', 34, justDomain),
  domainResume: command('domainResume', 28, justDomain),
  domainPMSuspendForDuration: command(
    'domainPMSuspendForDuration',
    261,
    struct({ domain, target: uint, duration: uhyper, flags: uint }),
  ),
  domainPMWakeup: command('domainPMWakeup', 267, domainFlags),

  // Look at
  domainGetXMLDesc: remote('domainGetXMLDesc', 14, domainFlags, xmlResult),
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
  domainIsUpdated: remote('domainIsUpdated', 202, justDomain, struct({ updated: truth })),
  domainGetOSType: remote('domainGetOSType', 19, justDomain, struct({ type: string })),
  domainGetAutostart: remote('domainGetAutostart', 15, justDomain, struct({ autostart: truth })),
  domainSetAutostart: command('domainSetAutostart', 29, struct({ domain, autostart: truth })),
  domainGetMetadata: remote(
    'domainGetMetadata',
    265,
    struct({ domain, type: int, uri: optionalString, flags: uint }),
    struct({ metadata: string }),
  ),
  domainSetMetadata: command(
    'domainSetMetadata',
    264,
    struct({
      domain,
      type: int,
      metadata: optionalString,
      key: optionalString,
      uri: optionalString,
      flags: uint,
    }),
  ),

  // Devices
  domainAttachDeviceFlags: command('domainAttachDeviceFlags', 160, domainXmlFlags),
  domainDetachDeviceFlags: command('domainDetachDeviceFlags', 161, domainXmlFlags),
  domainUpdateDeviceFlags: command('domainUpdateDeviceFlags', 174, domainXmlFlags),
  domainDetachDeviceAlias: command('domainDetachDeviceAlias', 392, struct({ domain, alias: string, flags: uint })),

  // Memory in a file
  domainSaveFlags: command('domainSaveFlags', 232, struct({ domain, file: string, xml: optionalString, flags: uint })),
  domainRestoreFlags: command('domainRestoreFlags', 233, fileXmlFlags),
  domainSaveImageGetXMLDesc: remote('domainSaveImageGetXMLDesc', 235, struct({ file: string, flags: uint }), xmlResult),
  domainSaveImageDefineXML: command(
    'domainSaveImageDefineXML',
    236,
    struct({ file: string, xml: string, flags: uint }),
  ),
  domainManagedSave: command('domainManagedSave', 182, domainFlags),
  domainHasManagedSaveImage: remote('domainHasManagedSaveImage', 183, domainFlags, struct({ result: truth })),
  domainManagedSaveRemove: command('domainManagedSaveRemove', 184, domainFlags),
  domainCoreDumpWithFormat: command(
    'domainCoreDumpWithFormat',
    334,
    struct({ domain, file: string, format: uint, flags: uint }),
  ),

  // Jobs
  domainGetJobInfo: remote(
    'domainGetJobInfo',
    163,
    justDomain,
    struct({
      type: int,
      timeElapsed: uhyper,
      timeRemaining: uhyper,
      dataTotal: uhyper,
      dataProcessed: uhyper,
      dataRemaining: uhyper,
      memoryTotal: uhyper,
      memoryProcessed: uhyper,
      memoryRemaining: uhyper,
      fileTotal: uhyper,
      fileProcessed: uhyper,
      fileRemaining: uhyper,
    }),
  ),
  domainGetJobStats: remote('domainGetJobStats', 298, domainFlags, struct({ type: int, params: typedParameters(64) })),
  domainAbortJob: command('domainAbortJob', 164, justDomain),

  // Streams
  domainScreenshot: remote(
    'domainScreenshot',
    211,
    struct({ domain, screen: uint, flags: uint }),
    struct({ mime: optionalString }),
  ),
  domainOpenConsole: command('domainOpenConsole', 201, struct({ domain, device: optionalString, flags: uint })),
  domainOpenChannel: command('domainOpenChannel', 296, struct({ domain, name: optionalString, flags: uint })),
} as const;
