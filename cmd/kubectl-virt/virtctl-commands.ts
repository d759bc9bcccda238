/*
 * What virtctl has and this plugin has not: what to do instead, for who types it out of habit.
 */

const NOT_YET = 'is virtctl’s, and is not here yet';
const VOLUMES =
  'Write the volume and its disk into spec.template.spec of the VM and restart it: kubectl virt restart NAME.';

/** By command: the remedy of the error that names it. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['addvolume', VOLUMES],
  ['removevolume', VOLUMES],
  [
    'adm',
    'Settings are in the KubeVirt object (kubectl edit kubevirt -n kubevirt), log levels in the flag --log-level.',
  ],
  ['guestfs', 'Mount the claim in a pod with libguestfs while the VM is stopped.'],
  ['image-upload', 'Let a DataVolume fetch the image from a URL or a registry, or put it into a containerDisk.'],
  ['memory-dump', 'There is nothing in its place.'],
  ['migrate', 'VMs are not migrated yet: kubectl virt restart NAME starts it again where there is room.'],
  ['migrate-cancel', 'VMs are not migrated yet.'],
  ['usbredir', 'There is nothing in its place.'],
  ['vmexport', 'Copy the disk out of a pod that mounts the claim while the VM is stopped.'],
]);

/** Of a command that only virtctl has: what is the matter with it, and what to do. */
export const onlyInVirtctl = (word: string): { readonly message: string; readonly remedy: string } | undefined => {
  const remedy = INSTEAD.get(word);
  return remedy === undefined ? undefined : { message: `"${word}" ${NOT_YET}`, remedy };
};

export const VIRTCTL_ONLY: readonly string[] = [...INSTEAD.keys()];
