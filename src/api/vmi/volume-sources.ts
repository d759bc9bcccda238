import type { CloudInitNoCloudSource, Volume } from '../schema/volumes.js';
import {
  volumeSourceKind,
  type MadeImage,
  type SettingsOf,
  type SourceReference,
  type VolumeSource,
  type VolumeSourceKind,
} from './volume-source.js';

const ANY_DISK = ['disk', 'cdrom'] as const;
/** A lun takes the SCSI commands of the guest, so its volume may be a device. */
const DISK_OR_LUN = ['disk', 'cdrom', 'lun'] as const;

const nothing = (): readonly SourceReference[] => [];
const claim = (name: string | undefined, field: string): readonly SourceReference[] => [
  { kind: 'PersistentVolumeClaim', name, field },
];

const cloudInitSecrets = ({ secretRef, networkDataSecretRef }: CloudInitNoCloudSource): SourceReference[] => [
  { kind: 'Secret', name: secretRef?.name, field: 'secretRef.name' },
  { kind: 'Secret', name: networkDataSecretRef?.name, field: 'networkDataSecretRef.name' },
];

/** An image of files that are read when the VM starts. */
const CONTENT = { at: 'contentIso', format: 'iso', writable: false, capacity: 'small' } as const;
const CLOUD_INIT = { ...CONTENT, at: 'cloudInitIso' } as const;

/** What most sources have in common: shown as a disk or CD-ROM, as many as one likes, from the start on. */
const USUAL = {
  refused: false,
  targets: ANY_DISK,
  onlyBus: undefined,
  directory: false,
  single: false,
  hotplug: false,
} as const;

/**
 * Every source of a volume, in the order in which messages list them. A source of the schema that is not here, or that
 * leaves a question open, does not compile.
 */
export const VOLUME_SOURCES = {
  persistentVolumeClaim: {
    ...USUAL,
    directory: true,
    targets: DISK_OR_LUN,
    image: 'persistent',
    mount: 'persistentVolume',
    references: ({ claimName }) => claim(claimName, 'claimName'),
    hotplug: true,
    withoutCluster: { elsewhere: ({ claimName }) => `the PersistentVolumeClaim ${claimName}` },
  },
  sysprep: {
    ...USUAL,
    image: CONTENT,
    mount: 'content',
    references: ({ secret, configMap }) => [
      ...(secret ? ([{ kind: 'Secret', name: secret.name, field: 'secret.name' }] as const) : []),
      ...(configMap ? ([{ kind: 'ConfigMap', name: configMap.name, field: 'configMap.name' }] as const) : []),
    ],
    withoutCluster: 'works',
  },
  cloudInitNoCloud: {
    ...USUAL,
    image: CLOUD_INIT,
    mount: 'secret',
    references: cloudInitSecrets,
    withoutCluster: 'works',
  },
  cloudInitConfigDrive: {
    ...USUAL,
    image: CLOUD_INIT,
    mount: 'secret',
    references: cloudInitSecrets,
    withoutCluster: 'works',
  },
  containerDisk: {
    ...USUAL,
    image: 'overlay',
    mount: 'none',
    // The image is pulled for the VM's own pod, where the node's and the namespace's rules on images hold.
    references: ({ imagePullSecret }) => [{ kind: 'Secret', name: imagePullSecret, field: 'imagePullSecret' }],
    withoutCluster: { elsewhere: ({ image }) => `the image ${image} of a registry` },
  },
  ephemeral: {
    ...USUAL,
    // The copy is a file, so the guest gets an ordinary disk for its lun, and its owner an event.
    targets: DISK_OR_LUN,
    image: 'overlay',
    mount: 'persistentVolume',
    references: ({ persistentVolumeClaim }) =>
      claim(persistentVolumeClaim?.claimName, 'persistentVolumeClaim.claimName'),
    withoutCluster: {
      elsewhere: ({ persistentVolumeClaim }) =>
        `a copy of the PersistentVolumeClaim ${persistentVolumeClaim?.claimName}`,
    },
  },
  emptyDisk: {
    ...USUAL,
    image: { at: 'emptyDisk', format: 'qcow2', writable: true, capacity: ({ capacity }) => capacity },
    mount: 'none',
    references: nothing,
    withoutCluster: 'works',
  },
  hostDisk: {
    ...USUAL,
    image: 'persistent',
    mount: 'persistentVolume',
    references: ({ path }) => [{ kind: 'NodeDirectory', name: path, field: 'path' }],
    withoutCluster: 'works',
  },
  dataVolume: {
    ...USUAL,
    directory: true,
    targets: DISK_OR_LUN,
    image: 'persistent',
    mount: 'persistentVolume',
    // The claim of a DataVolume has its name.
    references: ({ name }) => claim(name, 'name'),
    hotplug: true,
    withoutCluster: { elsewhere: ({ name }) => `the DataVolume ${name}` },
  },
  configMap: {
    ...USUAL,
    directory: true,
    image: CONTENT,
    mount: 'content',
    references: ({ name, optional = false }) => [{ kind: 'ConfigMap', name, field: 'name', optional }],
    withoutCluster: 'works',
  },
  secret: {
    ...USUAL,
    directory: true,
    image: CONTENT,
    mount: 'content',
    references: ({ secretName: name, optional = false }) => [{ kind: 'Secret', name, field: 'secretName', optional }],
    withoutCluster: 'works',
  },
  downwardAPI: {
    ...USUAL,
    directory: true,
    image: CONTENT,
    mount: 'content',
    // The pod's own labels, annotations and sizes.
    references: nothing,
    withoutCluster: { inCluster: 'fields of the pod that a cluster makes' },
  },
  serviceAccount: {
    ...USUAL,
    directory: true,
    image: CONTENT,
    mount: 'content',
    references: ({ serviceAccountName: name }) => [{ kind: 'ServiceAccount', name, field: 'serviceAccountName' }],
    single: true,
    withoutCluster: { inCluster: 'a token that a cluster issues' },
  },
  downwardMetrics: {
    ...USUAL,
    targets: ['disk'],
    onlyBus: 'virtio',
    image: { at: 'downwardMetrics', format: 'raw', writable: false, capacity: 'small' },
    mount: 'none',
    // Figures of the node that the administrator lets VMs have by a feature gate.
    references: nothing,
    single: true,
    withoutCluster: { inCluster: 'metrics that the agent of a cluster’s node writes' },
  },
  memoryDump: {
    ...USUAL,
    refused: 'the volume source is not supported',
    targets: [],
    image: 'none',
    mount: 'none',
    references: ({ claimName }) => claim(claimName, 'claimName'),
    single: true,
    hotplug: true,
    withoutCluster: 'works',
  },
  containerPath: {
    ...USUAL,
    refused: 'the volume source is not supported',
    targets: [],
    image: 'none',
    mount: 'none',
    references: nothing,
    withoutCluster: 'works',
  },
} as const satisfies { readonly [Kind in VolumeSourceKind]: VolumeSource<SettingsOf<Kind>> };

type Table = typeof VOLUME_SOURCES;
/** The sources whose entry has a certain property. */
type KindsWith<Property> = {
  [Kind in VolumeSourceKind]: Table[Kind] extends Property ? Kind : never;
}[VolumeSourceKind];

/** The sources that admission lets through: the agent makes them ready. */
export type ActedOnSource = KindsWith<{ readonly refused: false }>;
/** Those that add a volume of Kubernetes' to the pod. */
export type MountedSource = Exclude<VolumeSourceKind, KindsWith<{ readonly mount: 'none' }>>;
/** Those whose image the agent makes: the domain builder knows it by the declaration. */
export type MadeSource = KindsWith<{ readonly image: MadeImage<never> }>;
/** Those of which a VM has one at most. */
export type SingleSource = KindsWith<{ readonly single: true }>;

export const SOURCE_KINDS = Object.keys(VOLUME_SOURCES) as readonly VolumeSourceKind[];

/** False for what an older or newer version of the API stored, too. */
export const isActedOn = (kind: VolumeSourceKind | undefined): kind is ActedOnSource =>
  kind !== undefined && Object.hasOwn(VOLUME_SOURCES, kind) && VOLUME_SOURCES[kind].refused === false;

export const isMounted = (kind: VolumeSourceKind | undefined): kind is MountedSource =>
  kind !== undefined && Object.hasOwn(VOLUME_SOURCES, kind) && VOLUME_SOURCES[kind].mount !== 'none';

export const isMade = (kind: VolumeSourceKind): kind is MadeSource => typeof VOLUME_SOURCES[kind].image === 'object';

/** The declaration of a volume's source and that source's settings; undefined where it has none that is known. */
export const sourceOf = (
  volume: Volume,
):
  | { readonly kind: VolumeSourceKind; readonly source: VolumeSource<unknown>; readonly settings: unknown }
  | undefined => {
  const kind = volumeSourceKind(volume);
  if (kind === undefined || !Object.hasOwn(VOLUME_SOURCES, kind)) return undefined;
  // The table gives each kind the type of its own settings.
  return { kind, source: VOLUME_SOURCES[kind] as VolumeSource<unknown>, settings: volume[kind] };
};

/** What a volume names. */
export const referencesOf = (volume: Volume): readonly SourceReference[] => {
  const found = sourceOf(volume);
  return found === undefined ? [] : found.source.references(found.settings);
};
