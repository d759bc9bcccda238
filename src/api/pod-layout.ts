import type { BootFile } from './vmi/kernel-boot.js';

/**
 * Where things are inside a launcher pod. The pod builder mounts these, the domain builder writes them into XML, the
 * launcher's entrypoint and the agent work in them. Source: docs/reference/domain.md §8.3.
 */

/** The name of the disk's image in the root of a filesystem PVC: raw, whatever its first bytes look like. */
export const DISK_IMAGE = 'disk.img';

/** The guest's uid and gid inside the pod. */
export const GUEST_ID = 107;

/** Pod volume (an emptyDir) names and mount points in the compute container. */
export const PodVolume = {
  /** libvirtd's runtime, configuration and cache, the VM's sockets and secrets made into files. */
  private: { name: 'private', path: '/var/run/kubevirt-private' },
  /** Overlays, cloud-init images, emptyDisks: what dies with the pod. */
  ephemeralDisks: { name: 'ephemeral-disks', path: '/var/run/kubevirt-ephemeral-disks' },
  /** One symlink per containerDisk, made by the agent: `disk_<volume index>.img`. */
  containerDisks: { name: 'container-disks', path: '/var/run/kubevirt/container-disks' },
  /** The static busybox that keeps containerDisk containers alive. Not mounted in compute. */
  bin: { name: 'virt-bin-share-dir', path: '/init/usr/bin' },
} as const;

/** The sockets of the containers that share directories with the guest; in pods of VMs that have file systems. */
export const FILESYSTEM_SOCKETS = { name: 'virtiofs-sockets', path: '/var/run/kubevirt/virtiofs-containers' } as const;
/** Where such a container has its volume, and nothing else has anything. */
export const SHARED_DIRECTORY = '/shared';

/** What the guest says on its serial console; in pods of VMs that log it. */
export const SERIAL_LOG = { name: 'serial-log', path: '/var/run/kubevirt/serial-log' } as const;

/** The claim with what firmware and TPM store; in pods of VMs that keep it. */
export const PERSISTENT_STATE = { name: 'vm-state', path: '/var/run/kubevirt-state' } as const;

/** `XDG_RUNTIME_DIR` of libvirtd; its socket is `libvirt/libvirt-sock` below it. */
export const LIBVIRT_RUNTIME_DIR = `${PodVolume.private.path}/run`;
export const LIBVIRT_CONFIG_DIR = `${PodVolume.private.path}/config`;
export const LIBVIRT_CACHE_DIR = `${PodVolume.private.path}/cache`;
export const LIBVIRT_HOME_DIR = `${PodVolume.private.path}/home`;
/** The libvirt socket, relative to the `private` volume: the agent opens it component by component. */
export const LIBVIRT_SOCKET_IN_PRIVATE = ['run', 'libvirt', 'libvirt-sock'] as const;

/** While it is there, pings of the guest's agent succeed. */
export const PROBES_PAUSED = (uid: string): string => `${PodVolume.private.path}/${uid}/probes-paused`;

/** Where a VM's files are. In a pod: {@link podPaths}; for `kubectl virt run`: {@link localPaths}. */
export interface VmPaths {
  /** Unix socket of the serial console. */
  readonly serialSocket: string;
  /** Where the serial console is logged too; undefined: nobody keeps such a file small. */
  readonly serialLog: string | undefined;
  readonly vncSocket: string;
  /** Unix socket of the guest agent channel. */
  readonly guestAgentSocket: string;
  /** The variables of UEFI firmware; libvirt makes the file. */
  readonly efiVariables: string;
  /** Directory of the emulated TPM's state. */
  readonly tpmState: string;
  /** The same two where they outlive the pod, and the guest's settings may have changed meanwhile. */
  readonly kept: {
    /** One for each mode: what was enrolled while secure boot was off counts for nothing once it is on. */
    readonly efiVariables: (secureBoot: boolean) => string;
    readonly tpmState: string;
  };
  /** qcow2 overlay over a read-only image (containerDisk, ephemeral). */
  readonly overlay: (volume: string) => string;
  /** The read-only image of the containerDisk that is volume number `index` of the VMI. */
  readonly containerDisk: (volume: string, index: number) => string;
  readonly emptyDisk: (volume: string) => string;
  readonly cloudInitIso: (volume: string) => string;
  /** Directory of the links to what a guest is booted from without its disks. */
  readonly bootFiles: string;
  readonly bootFile: (file: BootFile) => string;
  /** Where kubelet mounted a Secret with access credentials. */
  readonly accessCredential: (podVolume: string) => string;
  /** Where kubelet mounted the Secrets that a cloud-init volume names. */
  readonly secret: (volume: string) => string;
  /**
   * Where kubelet mounted what becomes the files of an image: ConfigMap, Secret, downward API, service account,
   * sysprep.
   */
  readonly content: (volume: string) => string;
  /** The image made of {@link content}. */
  readonly contentIso: (volume: string) => string;
  /** Directory of a filesystem PVC, whose image is `disk.img` in it, or the one of a host disk. */
  readonly persistentVolume: (volume: string) => string;
  /** Device node of a block PVC. */
  readonly blockDevice: (volume: string) => string;
  /** Unix socket of the virtiofsd that shares a volume. */
  readonly filesystemSocket: (volume: string) => string;
  /** The disk of a downwardMetrics volume. */
  readonly downwardMetrics: (volume: string) => string;
  /** Unix socket of the virtio-serial port of downward metrics. */
  readonly downwardMetricsSocket: string;
}

/** The root of a layout; what is below it is the same in all of them. */
interface Roots {
  readonly serialSocket: string;
  readonly serialLog: string | undefined;
  readonly vncSocket: string;
  readonly guestAgentSocket: string;
  readonly efiVariables: string;
  readonly tpmState: string;
  readonly persistentState: string;
  readonly downwardMetricsSocket: string;
  /** Files of the VM's own that are deleted with it. */
  readonly ephemeralDisks: string;
  readonly containerDisks: string;
  /** Below it what kubelet mounts. */
  readonly mounted: string;
  readonly blockDevices: string;
  readonly filesystemSockets: string;
}

const pathsBelow = ({
  ephemeralDisks,
  containerDisks,
  mounted,
  blockDevices,
  filesystemSockets,
  persistentState,
  ...own
}: Roots): VmPaths => ({
  ...own,
  kept: {
    efiVariables: (secureBoot) => `${persistentState}/nvram/efi-variables${secureBoot ? '-secure' : ''}.fd`,
    tpmState: `${persistentState}/tpm`,
  },
  overlay: (volume) => `${ephemeralDisks}/disk-data/${volume}/disk.qcow2`,
  containerDisk: (_volume, index) => `${containerDisks}/disk_${index}.img`,
  emptyDisk: (volume) => `${ephemeralDisks}/emptydisks/${volume}.qcow2`,
  cloudInitIso: (volume) => `${ephemeralDisks}/cloud-init/${volume}.iso`,
  bootFiles: `${containerDisks}/kernel-boot`,
  bootFile: (file) => `${containerDisks}/kernel-boot/${file}`,
  accessCredential: (podVolume) => `${mounted}/access-credentials/${podVolume}`,
  secret: (volume) => `${mounted}/secret/${volume}`,
  content: (volume) => `${mounted}/content/${volume}`,
  contentIso: (volume) => `${ephemeralDisks}/content/${volume}.iso`,
  persistentVolume: (volume) => `${mounted}/vmi-disks/${volume}`,
  blockDevice: (volume) => `${blockDevices}/${volume}`,
  filesystemSocket: (volume) => `${filesystemSockets}/${volume}.sock`,
  downwardMetrics: (volume) => `${ephemeralDisks}/downward-metrics/${volume}/vhostmd0`,
});

/** The paths inside the launcher pod of the VMI with this uid. */
export const podPaths = (uid: string): VmPaths => {
  const own = `${PodVolume.private.path}/${uid}`;
  return pathsBelow({
    serialSocket: `${own}/virt-serial0`,
    serialLog: `${SERIAL_LOG.path}/virt-serial0-log`,
    vncSocket: `${own}/virt-vnc`,
    guestAgentSocket: `${own}/guest-agent`,
    efiVariables: `${own}/efi-variables.fd`,
    tpmState: `${own}/tpm`,
    persistentState: PERSISTENT_STATE.path,
    downwardMetricsSocket: `${own}/downward-metrics`,
    ephemeralDisks: PodVolume.ephemeralDisks.path,
    containerDisks: PodVolume.containerDisks.path,
    mounted: PodVolume.private.path,
    // A directory of their own: a volume may be called kvm or null.
    blockDevices: '/dev/vmi-disks',
    filesystemSockets: FILESYSTEM_SOCKETS.path,
  });
};

/**
 * The paths of a VM whose files are all in one directory of the user's. Unix sockets need it short: 107 bytes in all.
 */
export const localPaths = (directory: string): VmPaths =>
  pathsBelow({
    serialSocket: `${directory}/serial0`,
    serialLog: undefined,
    vncSocket: `${directory}/vnc`,
    guestAgentSocket: `${directory}/guest-agent`,
    efiVariables: `${directory}/efi-variables.fd`,
    tpmState: `${directory}/tpm`,
    persistentState: `${directory}/state`,
    downwardMetricsSocket: `${directory}/metrics`,
    ephemeralDisks: `${directory}/disks`,
    containerDisks: `${directory}/images`,
    mounted: directory,
    blockDevices: `${directory}/block`,
    filesystemSockets: `${directory}/filesystems`,
  });
