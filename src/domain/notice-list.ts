import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { serialLogNotices } from './devices.js';
import { deviceList } from './device-list.js';
import { cpuNotices } from './cpu.js';
import type { DomainContext } from './domain-input.js';
import { hypervNotices } from './hyperv.js';
import { lunNotices } from './lun.js';
import { memoryNotices } from './memory.js';
import { nestedNotices } from './nested.js';
import type { DomainNotice } from './notice.js';
import { rootComplexNotices } from './pci-placement.js';

/** Where a domain of this VMI is not quite what was asked for. Pure; call it for a domain that `buildDomain` makes. */
export const domainNotices = (vmi: VirtualMachineInstance, context: DomainContext): DomainNotice[] => [
  ...nestedNotices(vmi, context),
  ...cpuNotices(vmi, context),
  ...hypervNotices(vmi, context),
  ...lunNotices(vmi, context),
  ...memoryNotices(vmi, context),
  ...serialLogNotices(vmi, context),
  ...rootComplexNotices(vmi, deviceList(vmi, context)),
];
