import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { isDirectory } from '../api/vmi/filesystems.js';
import type { DomainContext } from './domain-input.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

/** Requests that QEMU and virtiofsd may have under way. */
const QUEUE = 1024;

/**
 * Directories that the guest mounts by their names. virtiofsd runs in a container of its own, which has nothing but the
 * volume: libvirt would start it in namespaces that a pod may not make.
 * @throws DomainError for a file system that is no volume's
 */
export const filesystems = ({ spec }: VirtualMachineInstance, { paths }: DomainContext): XmlElement[] =>
  (spec.domain.devices.filesystems ?? []).map(({ name }) => {
    if (!spec.volumes?.some((volume) => volume.name === name && isDirectory(volume)))
      throw new DomainError(
        'InvalidValue',
        `${JSON.stringify(name)} is no volume whose files a guest can have`,
        'spec.domain.devices.filesystems[].name',
      );
    return element(
      'filesystem',
      { type: 'mount', accessmode: 'passthrough' },
      element('driver', { type: 'virtiofs', queue: QUEUE }),
      element('source', { socket: paths.filesystemSocket(name) }),
      element('target', { dir: name }),
    );
  });
