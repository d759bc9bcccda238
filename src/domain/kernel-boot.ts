import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { kernelBoot as bootOf } from '../api/vmi/kernel-boot.js';
import type { DomainContext } from './domain-input.js';
import { element, type XmlElement } from './xml.js';

/** The kernel that QEMU boots itself, with its initrd and its command line. */
export const kernelBoot = (vmi: VirtualMachineInstance, { paths }: DomainContext): XmlElement[] => {
  const boot = bootOf(vmi.spec.domain);
  if (boot === undefined) return [];
  const { files, kernelArgs } = boot;
  return [
    ...files.map(({ name }) => element(name, {}, paths.bootFile(name))),
    ...(kernelArgs === undefined ? [] : [element('cmdline', {}, kernelArgs)]),
  ];
};
