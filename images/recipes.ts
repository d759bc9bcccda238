/** What is in each image. The Containerfiles beside this file say the same for users with podman or docker. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTinyGuest, copyBootFiles } from '../scripts/guests/tiny.js';
import { imageName } from '../src/api/images.js';
import { PAUSE } from '../test/cluster/settings.js';
import { packLayer } from './archive.js';
import type { Image, ImageConfig } from './archive.js';
import { ensureDebianGuest } from './debian-guest.js';
import { IMAGE_CACHE, ensureRootFs } from './rootfs.js';
import type { RootFs } from './rootfs.js';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };

export const ImageTag = {
  pause: imageName('pause', '1'),
  control: imageName('control', version),
  launcher: imageName('launcher', version),
  tinyGuest: imageName('guest-tiny', 'latest'),
  /** The tiny guest with drivers for every bus, and its kernel beside its disk. */
  disksGuest: imageName('guest-disks', 'latest'),
  debianGuest: imageName('guest-debian', 'latest'),
} as const;
export type ImageName = keyof typeof ImageTag;
export const IMAGE_NAMES = Object.keys(ImageTag) as ImageName[];

type Log = (line: string) => void;
/** Where a file of the repository goes in the image, and its mode. */
interface Placed {
  readonly from: string;
  readonly to: string;
  readonly mode: number;
}

/** Top layers are made anew each time, because that takes a second; they go when the image is where it belongs. */
const TOP_LAYERS = path.join(IMAGE_CACHE, 'top');
export const discardTopLayers = (): void => rmSync(TOP_LAYERS, { recursive: true, force: true });

/** Packs the placed files (directories whole) as the top layer of the image `name`. */
const topLayer = async (name: ImageName, files: readonly Placed[], owner?: string): Promise<string> => {
  const directory = path.join(TOP_LAYERS, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const { from, to, mode } of files) {
    if (!existsSync(from))
      throw new Error(`Image ${name} needs ${from}, which does not exist; run "npm run build" first.`);
    const target = path.join(directory, to);
    mkdirSync(path.dirname(target), { recursive: true, mode: 0o755 });
    cpSync(from, target, { recursive: true, dereference: true });
    chmodSync(target, mode);
  }
  const layer = path.join(TOP_LAYERS, `${name}.tar`);
  await packLayer(directory, layer, owner);
  rmSync(directory, { recursive: true, force: true });
  return layer;
};

const inRepository = (...parts: string[]): string => path.join(REPOSITORY, ...parts);

/** Debian 13: it has Node 20 (the three programs) and a passt that libvirt 11 knows how to start (the launcher). */
const controlRootFs: RootFs = {
  name: 'programs',
  suite: 'trixie',
  // The last two: the agent makes the networks of pods with them.
  packages: ['nodejs', 'ca-certificates', 'iproute2', 'nftables'],
};
export const launcherRootFs: RootFs = {
  name: 'launcher',
  suite: 'trixie',
  packages: [
    ...['libvirt-daemon', 'libvirt-daemon-driver-qemu', 'libvirt-clients', 'qemu-system-x86', 'qemu-utils', 'passt'],
    ...['xorriso', 'busybox-static', 'tini'],
    // The importer (src/importer/importer.sh): libcurl is there already, for libvirt.
    ...['curl', 'ca-certificates', 'xz-utils'],
    // QEMU's clock by a time zone (src/api/time-zones.ts): without the zones' files it silently is UTC.
    ...['tzdata', 'tzdata-legacy'],
    // Firmware of VMs that boot by UEFI, and the emulator of their TPMs.
    ...['ovmf', 'swtpm', 'swtpm-tools'],
    // Directories that VMs share with their guests.
    'virtiofsd',
  ],
  // libvirt and passt look their own user up; the home directory is inside a volume of the pod.
  hooks: [
    'echo "qemu:x:107:107:guest:/var/run/kubevirt-private/home:/usr/sbin/nologin" >> "$1/etc/passwd"',
    'echo "qemu:x:107:" >> "$1/etc/group"',
    // Builds that no VM gets: half of the package.
    'rm -f "$1"/usr/share/OVMF/*.snakeoil.fd "$1"/usr/share/OVMF/*.strictnx.fd "$1"/usr/share/qemu/OVMF.fd "$1"/usr/share/ovmf/OVMF.fd',
    // What virtiofsd would make a user namespace with: programs of root's, which nothing here may be.
    'rm -f "$1"/usr/bin/newuidmap "$1"/usr/bin/newgidmap "$1"/usr/bin/getsubids',
    'mkdir -p "$1/init/usr/bin" "$1/var/run/kubevirt-private" "$1/var/run/kubevirt-ephemeral-disks" "$1/var/run/kubevirt/container-disks"',
  ],
};

const system = async (
  name: ImageName,
  rootFs: RootFs,
  files: readonly Placed[],
  config: ImageConfig,
  log: Log,
): Promise<Image> => {
  const base = await ensureRootFs(rootFs, log);
  return { tag: ImageTag[name], layers: [base, await topLayer(name, files)], config };
};

/** A containerDisk: the disk, readable by the guest's user alone; with it what else the guest may be booted from. */
const containerDisk = async (name: ImageName, disk: string, boot: readonly string[] = []): Promise<Image> => {
  const files = boot.map((from) => ({ from, to: `boot/${path.basename(from)}`, mode: 0o440 }));
  const layer = await topLayer(name, [{ from: disk, to: 'disk/disk.img', mode: 0o440 }, ...files], '107:107');
  return { tag: ImageTag[name], layers: [layer], config: {} };
};

const programs: readonly Placed[] = [
  'virt-webhook',
  'virt-controller',
  'virt-agent',
  // Threads of theirs.
  'liveness-worker',
  'command-worker',
  'network-worker',
  // Programs of virt-agent's.
  'network-set-up',
  'network-dial',
].map((program) => ({
  from: inRepository('dist', `${program}.cjs`),
  to: `usr/lib/kubectl-virt/dist/${program}.cjs`,
  mode: 0o644,
}));

const builders: Readonly<Record<ImageName, (log: Log) => Promise<Image>>> = {
  pause: async () => {
    const layer = await topLayer('pause', [{ from: PAUSE, to: 'pause', mode: 0o755 }]);
    return { tag: ImageTag.pause, layers: [layer], config: { entrypoint: ['/pause'], user: '65535:65535' } };
  },
  control: (log) => system('control', controlRootFs, programs, { user: '65532:65532' }, log),
  launcher: (log) =>
    system(
      'launcher',
      launcherRootFs,
      [
        { from: inRepository('src', 'launcher', 'entrypoint.sh'), to: 'usr/bin/virt-launcher-entrypoint', mode: 0o755 },
        { from: inRepository('src', 'launcher', 'virt-probe.sh'), to: 'usr/bin/virt-probe', mode: 0o755 },
        { from: inRepository('src', 'launcher', 'console-log.sh'), to: 'usr/bin/virt-console-log', mode: 0o755 },
        { from: inRepository('src', 'importer', 'importer.sh'), to: 'usr/bin/virt-importer', mode: 0o755 },
        { from: inRepository('src', 'agent', 'node', 'kvm-self-test.sh'), to: 'usr/bin/kvm-self-test.sh', mode: 0o755 },
        { from: inRepository('src', 'agent', 'node', 'cpu-models.sh'), to: 'usr/bin/cpu-models.sh', mode: 0o755 },
      ],
      { entrypoint: ['/usr/bin/virt-launcher-entrypoint'], user: '107:107' },
      log,
    ),
  tinyGuest: async (log) => containerDisk('tinyGuest', await buildTinyGuest(log)),
  disksGuest: async (log) => {
    const disk = await buildTinyGuest(log, 'disks');
    const directory = path.join(TOP_LAYERS, 'boot-files');
    mkdirSync(directory, { recursive: true });
    return containerDisk('disksGuest', disk, await copyBootFiles(disk, directory));
  },
  debianGuest: async (log) => containerDisk('debianGuest', await ensureDebianGuest(log)),
};

/** The image's layers, built or from the cache. */
export const buildImage = async (name: ImageName, log: Log): Promise<Image> => {
  mkdirSync(IMAGE_CACHE, { recursive: true });
  return await builders[name](log);
};

/** Builds and caches what is slow in these images and does not depend on our sources: works before `npm run build`. */
export const prepareSlowParts = async (log: Log): Promise<void> => {
  await ensureRootFs(controlRootFs, log);
  await ensureRootFs(launcherRootFs, log);
  await buildTinyGuest(log);
  await buildTinyGuest(log, 'disks');
  await ensureDebianGuest(log);
};
