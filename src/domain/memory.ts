import { guestMemory } from '../api/vmi/guest-size.js';
import { sharedVolumes } from '../api/vmi/filesystems.js';
import { wantsGuaranteed } from '../api/vmi/qos.js';
import { hugePages } from '../api/vmi/hugepages.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { MEM_LOCK_FIELD } from '../api/vmi/memory-lock.js';
import type { DomainContext } from './domain-input.js';
import { DomainError } from './error.js';
import type { DomainNotice } from './notice.js';
import { element, type XmlElement } from './xml.js';

/** QEMU emulates CPUs with 40 address bits; the window for PCI devices of a q35 needs more than 32 GiB of them. */
const MOST_EMULATED = 960n * 2n ** 30n;

/**
 * The guest's memory. Hot-plug is not acted on: no `<maxMemory>`; there is no ballooning: no `<currentMemory>`.
 * @throws DomainError where an emulated guest cannot address it
 */
export const memory = ({ spec }: VirtualMachineInstance, { kvmAvailable }: DomainContext): XmlElement => {
  const bytes = guestMemory(spec);
  if (!kvmAvailable && bytes > MOST_EMULATED)
    throw new DomainError(
      'KVMUnavailable',
      `${bytes} bytes are more than an emulated guest can address; write 960Gi or less, or use a node with KVM`,
      'spec.domain.memory.guest',
    );
  return element('memory', { unit: 'b' }, bytes.toString());
};

/** Merging pages that are equal would cost a realtime guest its deadlines, and one on NUMA nodes its own node. */
const isKeptApart = ({ spec }: VirtualMachineInstance): boolean =>
  spec.domain.cpu?.realtime !== undefined || spec.domain.cpu?.numa?.guestMappingPassthrough !== undefined;

/**
 * Huge pages come from an anonymous file (memfd): that needs no hugetlbfs mounted in the pod, which a session libvirtd
 * would not look for by itself, and is charged to the pod's `hugepages-<size>` all the same. A guest whose memory is
 * locked gets all of it at the start. `<locked/>` is not used (docs/adr/0024).
 *
 * Who shares a directory with the guest reads and writes the guest's memory itself, so it is shared. What of it that
 * container touches first counts as the container's; where that has no room for it (a Guaranteed pod, huge pages, of
 * which only QEMU's container has any), QEMU touches it all at the start.
 */
export const memoryBacking = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement | undefined => {
  const pages = hugePages(vmi.spec);
  const shared = sharedVolumes(vmi.spec).length > 0;
  const parts = [
    pages && element('hugepages', {}, element('page', { size: pages.bytes, unit: 'b' })),
    isKeptApart(vmi) ? element('nosharepages') : undefined,
    pages || shared ? element('source', { type: 'memfd' }) : undefined,
    shared ? element('access', { mode: 'shared' }) : undefined,
    context.lockMemory === true || (shared && (pages !== undefined || wantsGuaranteed(vmi.spec)))
      ? element('allocation', { mode: 'immediate' })
      : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : element('memoryBacking', {}, parts);
};

/** Without an agent (`kubectl virt run`) nobody raises the limit; an agent that cannot does not start the guest. */
export const memoryNotices = ({ spec }: VirtualMachineInstance, context: DomainContext): DomainNotice[] =>
  spec.domain.memory?.reservedOverhead?.memLock === 'Required' && context.lockMemory !== true
    ? [
        {
          reason: 'MemoryLockUnavailable',
          message: `${MEM_LOCK_FIELD}: Required, but nobody raises the limit of locked memory here: it is not locked`,
        },
      ]
    : [];

/** The namespace of arguments that libvirt passes to QEMU as they are. */
export const QEMU_NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

/**
 * Pages are locked as they come into being, so that what QEMU only reserves (stacks, caches) costs nothing. Written for
 * QEMU itself, because libvirt's session mode sets the limit for `<locked/>` on its own, which it may not.
 */
export const qemuCommandLine = (context: DomainContext): XmlElement | undefined =>
  context.lockMemory === true
    ? element(
        'qemu:commandline',
        {},
        ['-overcommit', 'mem-lock=on-fault'].map((value) => element('qemu:arg', { value })),
      )
    : undefined;
