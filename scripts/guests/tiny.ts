/**
 * The tiny guest: Debian's cloud kernel and a busybox initrd on a FAT disk image that boots by BIOS (syslinux); its
 * flavour `disks` by UEFI too, with secure boot (Debian's signed shim, GRUB and kernel). No root
 * file system, no mounts and no privileges to build it. Prints a root shell on ttyS0 after about 3 s under TCG.
 *
 *     npx tsx scripts/guests/tiny.ts [disks]   # builds it if it is not in the cache, prints its path
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { cpioArchive, FileMode } from './cpio.js';
import type { CpioEntry } from './cpio.js';
import { findModules, moduleOrder } from './modules.js';

const run = promisify(execFile);
const sources = fileURLToPath(new URL('tiny/', import.meta.url));

/** Raise it when the recipe in this file changes: it is part of the cached image's name. */
const RECIPE = 1;
const MODULES = [
  ...['virtio_pci', 'virtio_blk', 'virtio_scsi', 'sd_mod', 'sr_mod', 'ata_piix', 'isofs', 'nls_ascii', 'nls_utf8'],
  ...['virtio_net', 'virtio_rng', 'virtio_balloon', 'virtio_console', 'button', 'evdev', 'virtiofs'],
];

interface Flavour {
  /** The meta package of the kernel. */
  readonly kernel: string;
  readonly modules: readonly string[];
  readonly imageMebibytes: number;
  /** It boots by UEFI too. */
  readonly efi?: boolean;
}

/**
 * `tiny` boots fastest; Debian's cloud kernel has drivers for virtio only. `disks` has the drivers of every bus a disk
 * can have here (SATA and USB too) and the usual file systems.
 */
const FLAVOURS = {
  tiny: { kernel: 'linux-image-cloud-amd64', modules: MODULES, imageMebibytes: 24 },
  disks: {
    kernel: 'linux-image-amd64',
    modules: [
      ...MODULES,
      'ahci',
      'xhci_pci',
      'usb_storage',
      'uas',
      'ext4',
      'crc32c_generic',
      'vfat',
      'nls_cp437',
    ].concat(['efivarfs', 'i6300esb']),
    imageMebibytes: 40,
    efi: true,
  },
} as const satisfies Record<string, Flavour>;
export type GuestFlavour = keyof typeof FLAVOURS;

export const cacheDirectory = (): string => process.env['KUBECTL_VIRT_CACHE'] ?? '/var/cache/kubectl-virt';

/**
 * Debian packages that must be installed to build the guest. The guest's own content is only downloaded and unpacked.
 */
export const TINY_GUEST_PACKAGES = ['mtools', 'syslinux'] as const;

const sourceFiles = ['rc', 'udhcpc.sh', 'inittab', 'profile', 'syslinux.cfg'] as const;

/** Of UEFI's own path, `EFI/BOOT/BOOTX64.EFI`, on: the packages and their files, and where each looks for the next. */
const EFI_PACKAGES = ['shim-signed', 'grub-efi-amd64-signed'] as const;
const EFI_FILES = [
  ['shim-signed/usr/lib/shim/shimx64.efi.signed', '::EFI/BOOT/BOOTX64.EFI'],
  ['grub-efi-amd64-signed/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed', '::EFI/BOOT/grubx64.efi'],
] as const;
/** The files that boot a guest, by their names on its disk. */
const BOOT_FILES = ['vmlinuz', 'initrd.gz'] as const;

/** Copies kernel and initrd of a guest's disk into a directory, for guests that are booted without their disks. */
export const copyBootFiles = async (disk: string, directory: string): Promise<readonly string[]> => {
  const files = BOOT_FILES.map((name) => `::${name}`);
  await run('mcopy', ['-n', '-o', '-i', disk, ...files, directory]);
  return BOOT_FILES.map((name) => join(directory, name));
};

/** Where a signed GRUB of Debian's looks. */
const GRUB_CONFIG = '::EFI/debian/grub.cfg';

const recipeHash = async (flavour: Flavour): Promise<string> => {
  const hash = createHash('sha256').update(`recipe ${RECIPE} ${JSON.stringify(flavour)}`);
  for (const file of sourceFiles) hash.update(await readFile(join(sources, file)));
  return hash.digest('hex').slice(0, 12);
};

/** Downloads a Debian package into `directory` and unpacks it there; the system's own packages do not change. */
const unpackPackage = async (name: string, directory: string): Promise<void> => {
  const downloads = await mkdtemp(join(directory, 'deb-'));
  // The sandbox user could not write here; apt verifies the signature chain all the same.
  await run('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: downloads });
  for (const file of await readdir(downloads))
    await run('dpkg-deb', ['-x', join(downloads, file), join(directory, name)]);
};

/** The versioned package behind a kernel's meta package. */
const kernelPackage = async (kernel: string): Promise<string> => {
  const { stdout } = await run('apt-cache', ['depends', kernel]);
  const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  if (name === undefined) {
    throw new Error(`apt knows no ${kernel}. Run "apt-get update" on a Debian amd64 system and try again.`);
  }
  return name;
};

const modulesOf = async (kernelTree: string, wanted: readonly string[]): Promise<CpioEntry[]> => {
  const [release] = await readdir(join(kernelTree, 'lib/modules'));
  const modules = await findModules(join(kernelTree, 'lib/modules', release ?? ''));
  const order = moduleOrder(wanted, modules);
  const files = await Promise.all(
    order.map(async (name) => ({
      path: `lib/modules/${name}.ko`,
      mode: FileMode.file,
      data: await readFile(modules.get(name) ?? ''),
    })),
  );
  const list = order.map((name) => `${name}.ko\n`).join('');
  return [...files, { path: 'lib/modules/order', mode: FileMode.file, data: list }];
};

const initrd = async (
  kernelTree: string,
  busybox: Buffer,
  applets: readonly string[],
  wanted: readonly string[],
): Promise<Buffer> => {
  const source = async (file: string, path: string, mode: number): Promise<CpioEntry> => ({
    path,
    mode,
    data: await readFile(join(sources, file)),
  });
  const directories = ['bin', 'dev', 'etc', 'etc/acpi', 'etc/acpi/PWRF', 'lib', 'lib/modules', 'proc', 'root', 'sys'];
  const archive = cpioArchive([
    ...directories.map((path) => ({ path, mode: FileMode.directory })),
    { path: 'sbin', mode: FileMode.symlink, data: 'bin' },
    { path: 'bin/busybox', mode: FileMode.executable, data: busybox },
    ...applets.map((applet) => ({ path: `bin/${applet}`, mode: FileMode.symlink, data: 'busybox' })),
    { path: 'init', mode: FileMode.symlink, data: 'bin/init' },
    await source('rc', 'etc/rc', FileMode.executable),
    await source('udhcpc.sh', 'etc/udhcpc.sh', FileMode.executable),
    await source('inittab', 'etc/inittab', FileMode.file),
    await source('profile', 'etc/profile', FileMode.file),
    { path: 'etc/passwd', mode: FileMode.file, data: 'root::0:0:root:/root:/bin/sh\n' },
    { path: 'etc/group', mode: FileMode.file, data: 'root:x:0:\n' },
    { path: 'etc/acpi/PWRF/00000080', mode: FileMode.executable, data: '#!/bin/sh\nexec poweroff\n' },
    ...(await modulesOf(kernelTree, wanted)),
  ]);
  return gzipSync(archive, { level: 6 });
};

/** Shim and GRUB boot the same kernel with the same options. */
const addEfi = async (work: string, disk: string): Promise<void> => {
  await Promise.all(EFI_PACKAGES.map((name) => unpackPackage(name, work)));
  for (const directory of ['::EFI', '::EFI/BOOT', '::EFI/debian']) await run('mmd', ['-i', disk, directory]);
  for (const [from, to] of EFI_FILES) await run('mcopy', ['-i', disk, join(work, from), to]);
  const [, options = ''] =
    /APPEND initrd=initrd\.gz (.*)/.exec(await readFile(join(sources, 'syslinux.cfg'), 'utf8')) ?? [];
  const config = join(work, 'grub.cfg');
  await writeFile(config, `linux /vmlinuz ${options}\ninitrd /initrd.gz\nboot\n`);
  await run('mcopy', ['-i', disk, config, GRUB_CONFIG]);
};

/** A FAT file system on the whole disk: what syslinux can boot and mtools can write without mounting. */
const makeDisk = async (work: string, kernelTree: string, { imageMebibytes, efi }: Flavour): Promise<string> => {
  const disk = join(work, 'disk.img');
  const sectors = imageMebibytes * 2048;
  await run('mformat', ['-C', '-i', disk, '-h', '64', '-s', '32', '-T', String(sectors), '-v', 'TINY', '::']);
  const [kernel] = (await readdir(join(kernelTree, 'boot'))).filter((file) => file.startsWith('vmlinuz-'));
  await run('mcopy', ['-i', disk, join(kernelTree, 'boot', kernel ?? ''), '::vmlinuz']);
  await run('mcopy', ['-i', disk, join(work, 'initrd.gz'), '::initrd.gz']);
  await run('mcopy', ['-i', disk, join(sources, 'syslinux.cfg'), '::syslinux.cfg']);
  if (efi === true) await addEfi(work, disk);
  await run('syslinux', ['--install', disk]);
  return disk;
};

const build = async (target: string, flavour: Flavour): Promise<void> => {
  // Beside the target, so that the last step is a rename and two builders cannot see half an image.
  const work = await mkdtemp(`${target}.work-`);
  try {
    const kernel = await kernelPackage(flavour.kernel);
    await Promise.all([unpackPackage(kernel, work), unpackPackage('busybox-static', work)]);
    const kernelTree = join(work, kernel);
    const busyboxPath = join(work, 'busybox-static/bin/busybox');
    const { stdout } = await run(busyboxPath, ['--list']);
    const applets = stdout.split('\n').filter((applet) => applet !== '' && applet !== 'busybox');
    await writeFile(
      join(work, 'initrd.gz'),
      await initrd(kernelTree, await readFile(busyboxPath), applets, flavour.modules),
    );
    const disk = await makeDisk(work, kernelTree, flavour);
    // Read by unprivileged users, written by nobody: guests run on overlays.
    await chmod(disk, 0o444);
    await rename(disk, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

/**
 * The path of the raw disk image, built first if the cache does not have it (about 10 s and 30 MB of downloads).
 * @throws when Debian's packages cannot be downloaded or `mtools` and `syslinux` are missing
 */
export const buildTinyGuest = async (
  log: (line: string) => void = () => undefined,
  flavour: GuestFlavour = 'tiny',
): Promise<string> => {
  const directory = join(cacheDirectory(), 'guests');
  const target = join(directory, `${flavour}-${await recipeHash(FLAVOURS[flavour])}.img`);
  if ((await stat(target).catch(() => undefined)) !== undefined) return target;
  log(`Building the guest ${basename(target)} from Debian's kernel and busybox (about 10 s, once).`);
  await mkdir(directory, { recursive: true });
  await build(target, FLAVOURS[flavour]);
  return target;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flavour = process.argv[2] === 'disks' ? 'disks' : 'tiny';
  console.log(await buildTinyGuest((line) => console.error(line), flavour));
}
