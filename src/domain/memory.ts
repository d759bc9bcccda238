import { guestMemory } from '../api/vmi/guest-size.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { element, type XmlElement } from './xml.js';

/**
 * Plain memory. passt talks to QEMU over a stream socket, so the guest's memory need not be shared, and hot-plug and
 * huge pages are not acted on: no `<memoryBacking>`, no `<maxMemory>`.
 */
export const memory = (vmi: VirtualMachineInstance): XmlElement =>
  element('memory', { unit: 'b' }, guestMemory(vmi.spec).toString());
