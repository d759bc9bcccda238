import type { KubeVirtConfiguration } from '../schema/kubevirt-configuration.js';

/** Containers of a launcher pod beside QEMU's, by KubeVirt's names of them in `supportContainerResources`. */
export const SUPPORT_CONTAINERS = ['container-disk', 'guest-console-log', 'virtiofs'] as const;
export type SupportContainer = (typeof SUPPORT_CONTAINERS)[number];

type Entry = NonNullable<KubeVirtConfiguration['supportContainerResources']>[number];

const isKnown = (type: unknown): type is SupportContainer => SUPPORT_CONTAINERS.some((known) => known === type);

/** What the cluster gives each of them in place of our own numbers; undefined: nothing is said of it. */
export type SupportContainers = Readonly<Record<SupportContainer, Entry['resources'] | undefined>>;

export const supportContainers = (entries: readonly Entry[] = []): SupportContainers => {
  const of = (wanted: SupportContainer) => entries.find(({ type }) => type === wanted)?.resources;
  return {
    'container-disk': of('container-disk'),
    'guest-console-log': of('guest-console-log'),
    virtiofs: of('virtiofs'),
  };
};

/** Whether entries speak of containers that are there alone; the others have no effect, and a warning says so. */
export const areAllThere = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry: { readonly type?: unknown } | null) => isKnown(entry?.type));
