import { Label } from '../../api/names.js';
import { GUEST_ID, PodVolume } from '../../api/pod-layout.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import { CONTAINER_VARIABLE } from '../../launcher/index.js';
import type { PersistentVolumeClaim, Pod } from '../../kube/types.js';
import { generatedName } from '../../launcher/index.js';
import { sourceOf } from './check.js';
import { diskSize } from './claim.js';
import { ownedBy } from './owner.js';

/** On importer pods, as the value of {@link Label.app}. */
export const IMPORTER = 'virt-importer';
export const IMPORTER_CONTAINER = 'importer';
/** Where an importer reports its progress. */
export const PROGRESS_PORT = 8080;
/** Exit status of an importer that would fail again however often it is started (src/importer/importer.sh). */
export const FAILED_FOR_GOOD = 3;

export interface ImporterContext {
  readonly image: string;
  readonly imagePullPolicy?: string | undefined;
  readonly claim: PersistentVolumeClaim;
  /** What is cloned. */
  readonly source?: PersistentVolumeClaim | undefined;
}

/**
 * One pod for the life of a DataVolume: making it twice is the same request twice. kubelet starts it again when it
 * fails, ever later, so what has been downloaded for a block device (an emptyDir) survives that.
 */
export const importerName = ({ metadata }: DataVolume): string =>
  generatedName('importer', metadata?.name ?? '', metadata?.uid ?? '');

const TARGET = { directory: '/data', device: '/dev/import-target' };
const SOURCE = { directory: '/source', device: '/dev/import-source' };
/** The group of block devices on Linux nodes (root:disk, 0660). The pod sees no device but its own claim's. */
const DISK_GROUP = 6;

const unprivileged = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
};

const isBlock = (claim: PersistentVolumeClaim | undefined): boolean => claim?.spec?.volumeMode === 'Block';

/** Parts of a pod that a volume brings along. */
interface Parts {
  volumes: object[];
  mounts: object[];
  devices: object[];
  env: Record<string, string>;
}

const claimParts = (
  name: string,
  claim: PersistentVolumeClaim,
  place: { directory: string; device: string },
  variable: string,
  readOnly: boolean,
): Parts => ({
  volumes: [
    { name, persistentVolumeClaim: { claimName: claim.metadata?.name ?? '', ...(readOnly ? { readOnly } : {}) } },
  ],
  mounts: isBlock(claim) ? [] : [{ name, mountPath: place.directory, ...(readOnly ? { readOnly } : {}) }],
  devices: isBlock(claim) ? [{ name, devicePath: place.device }] : [],
  env: { [variable]: isBlock(claim) ? place.device : place.directory },
});

const scratch = (name: string, mountPath: string, source: object = { emptyDir: {} }, readOnly = false): Parts => ({
  volumes: [{ name, ...source }],
  mounts: [{ name, mountPath, ...(readOnly ? { readOnly } : {}) }],
  devices: [],
  env: {},
});

const httpParts = ({ spec: { source } }: DataVolume): Parts[] => {
  const { url = '', checksum = '', secretRef, certConfigMap } = source?.http ?? {};
  return [
    { volumes: [], mounts: [], devices: [], env: { IMPORT_URL: url, IMPORT_CHECKSUM: checksum } },
    ...(secretRef
      ? [scratch('credentials', '/credentials', { secret: { secretName: secretRef, defaultMode: 0o440 } }, true)]
      : []),
    ...(certConfigMap ? [scratch('certificates', '/certificates', { configMap: { name: certConfigMap } }, true)] : []),
  ];
};

const partsOf = (dataVolume: DataVolume, { claim, source }: ImporterContext): Parts[] => [
  claimParts('target', claim, TARGET, 'IMPORT_TARGET', false),
  scratch('run', '/run/import'),
  ...(isBlock(claim) ? [scratch('scratch', '/scratch')] : []),
  ...(source ? [claimParts('source', source, SOURCE, 'CLONE_SOURCE', true)] : []),
  ...(sourceOf(dataVolume) === 'http' ? httpParts(dataVolume) : []),
  ...(sourceOf(dataVolume) === 'registry' ? [scratch(PodVolume.bin.name, PodVolume.bin.path)] : []),
];

const SCRIPT_SOURCE = { http: 'http', registry: 'registry', pvc: 'clone', blank: 'blank' } as const;
/** Measured: 20 MiB, and 65 more for what xz -9 has packed. */
const IMPORTER_RESOURCES = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '256Mi' } };
const KEEPER_RESOURCES = { requests: { cpu: '1m', memory: '2Mi' }, limits: { memory: '40Mi' } };

const importer = (dataVolume: DataVolume, context: ImporterContext): object => {
  const parts = partsOf(dataVolume, context);
  const { disk, most } = diskSize(dataVolume, context.source);
  const env = {
    [CONTAINER_VARIABLE]: IMPORTER_CONTAINER,
    IMPORT_SOURCE: SCRIPT_SOURCE[sourceOf(dataVolume) ?? 'blank'],
    IMPORT_SIZE: disk.toString(),
    IMPORT_MAX: most.toString(),
    IMPORT_PORT: String(PROGRESS_PORT),
    ...(dataVolume.spec.preallocation === true ? { IMPORT_PREALLOCATE: 'true' } : {}),
    ...(Object.assign({}, ...parts.map((part) => part.env)) as Record<string, string>),
  };
  return {
    name: IMPORTER_CONTAINER,
    image: context.image,
    imagePullPolicy: context.imagePullPolicy,
    // -g: a SIGTERM reaches curl and qemu-img as well.
    command: ['/usr/bin/tini', '-g', '--', '/usr/bin/virt-importer'],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    ports: [{ name: 'progress', containerPort: PROGRESS_PORT, protocol: 'TCP' }],
    resources: IMPORTER_RESOURCES,
    volumeMounts: parts.flatMap(({ mounts }) => mounts),
    volumeDevices: parts.flatMap(({ devices }) => devices),
    securityContext: unprivileged,
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
};

const BUSYBOX = `${PodVolume.bin.path}/busybox`;

/**
 * The image itself, kept mounted as containerDisks are in launcher pods, until the importer has said that it is done.
 */
const imageContainers = (dataVolume: DataVolume, { image, imagePullPolicy }: ImporterContext): [object, object] => {
  const mount = { name: PodVolume.bin.name, mountPath: PodVolume.bin.path };
  return [
    {
      name: 'binary',
      image,
      imagePullPolicy,
      command: ['/bin/cp', '/bin/busybox', BUSYBOX],
      resources: KEEPER_RESOURCES,
      volumeMounts: [mount],
      securityContext: unprivileged,
    },
    {
      name: 'source',
      image: dataVolume.spec.source?.registry?.url?.replace(/^docker:\/\//i, ''),
      // Kubernetes' default for "latest" would ask the registry again at every retry.
      imagePullPolicy: 'IfNotPresent',
      command: [BUSYBOX, 'sh', '-c', `until [ -e ${PodVolume.bin.path}/done ]; do ${BUSYBOX} sleep 1; done`],
      env: [{ name: CONTAINER_VARIABLE, value: 'source' }],
      resources: KEEPER_RESOURCES,
      volumeMounts: [{ ...mount, readOnly: true }],
      securityContext: unprivileged,
    },
  ];
};

/**
 * The pod that fills a DataVolume's claim, in the user's namespace and with no right of ours: uid 107, no service
 * account's token, no capability, Pod Security `restricted`. Pure.
 */
export const buildImporterPod = (dataVolume: DataVolume, context: ImporterContext): Pod => {
  const { namespace } = dataVolume.metadata ?? {};
  const fromImage = sourceOf(dataVolume) === 'registry' ? imageContainers(dataVolume, context) : undefined;
  const blocks = isBlock(context.claim) || isBlock(context.source);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: importerName(dataVolume),
      namespace,
      labels: { [Label.app]: IMPORTER },
      annotations: { 'kubectl.kubernetes.io/default-container': IMPORTER_CONTAINER },
      ownerReferences: ownedBy(dataVolume),
    },
    spec: {
      restartPolicy: 'OnFailure',
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(dataVolume.spec.priorityClassName ? { priorityClassName: dataVolume.spec.priorityClassName } : {}),
      securityContext: {
        runAsUser: GUEST_ID,
        runAsGroup: GUEST_ID,
        runAsNonRoot: true,
        fsGroup: GUEST_ID,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
        ...(blocks ? { supplementalGroups: [DISK_GROUP] } : {}),
      },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      ...(fromImage ? { shareProcessNamespace: true, initContainers: [fromImage[0]] } : {}),
      containers: [importer(dataVolume, context), ...(fromImage ? [fromImage[1]] : [])] as never,
      volumes: partsOf(dataVolume, context).flatMap(({ volumes }) => volumes),
    },
  };
};
