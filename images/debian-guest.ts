/**
 * The Debian guest: systemd, cloud-init and qemu-guest-agent on a disk that boots by BIOS. Built from Debian's packages
 * without a loop device or a mount: the partitions are made as files and put where the partition table says.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from '../test/cluster/lock.js';
import { run } from '../test/cluster/run.js';
import { IMAGE_CACHE } from './rootfs.js';

/** What the build needs on this machine. */
export const DEBIAN_GUEST_PACKAGES = [
  'mmdebstrap',
  'mtools',
  'syslinux',
  'syslinux-common',
  'fdisk',
  'e2fsprogs',
  'qemu-utils',
];

const RECIPE = 2;
const SUITE = 'trixie';
const PACKAGES = [
  ...['linux-image-cloud-amd64', 'systemd-sysv', 'systemd-resolved', 'udev', 'dbus', 'cloud-init', 'cloud-guest-utils'],
  ...['qemu-guest-agent', 'openssh-server', 'sudo', 'iproute2', 'iputils-ping', 'netbase', 'ca-certificates'],
];
const MIB = 1024 * 1024;
const BOOT_START_MIB = 1;
const BOOT_MIB = 96;
const ROOT_START_MIB = BOOT_START_MIB + BOOT_MIB;
const ROOT_MIB = 1900;

/** Emulated, everything costs: each line on the serial port, and what a guest of nobody need not guard against. */
const KERNEL_OPTIONS = [
  ...['root=LABEL=root', 'rw', 'console=tty0', 'console=ttyS0,115200n8', 'quiet', 'mitigations=off', 'tsc=reliable'],
  ...['no_timer_check', 'random.trust_cpu=on', 'module_blacklist=kvm,kvm_amd,kvm_intel'],
];
const SYSLINUX_CONFIG = `DEFAULT linux
TIMEOUT 1
LABEL linux
  KERNEL vmlinuz
  INITRD initrd.img
  APPEND ${KERNEL_OPTIONS.join(' ')}
`;
const CLOUD_CONFIG = `datasource_list: [NoCloud, ConfigDrive, None]
system_info:
  network:
    renderers: [networkd]
`;

/** mmdebstrap's hooks: `$1` is the new root. */
const HOOKS = [
  'echo "LABEL=root / ext4 defaults 0 1" > "$1/etc/fstab"',
  'echo debian > "$1/etc/hostname"',
  'chroot "$1" systemctl enable systemd-networkd.service systemd-resolved.service',
  'rm -f "$1/etc/machine-id" "$1"/etc/ssh/ssh_host_*; : > "$1/etc/machine-id"',
  // What systemd would bring up to date on the first boot is: a third of an emulated guest's boot.
  'chroot "$1" ldconfig && chroot "$1" journalctl --update-catalog && touch "$1/etc/.updated" "$1/var/.updated"',
  `printf '%s' '${CLOUD_CONFIG}' > "$1/etc/cloud/cloud.cfg.d/10-kubectl-virt.cfg"`,
];

/** Gives the path of the guest's disk (compressed qcow2), built once: about three minutes. */
export const ensureDebianGuest = async (log: (line: string) => void): Promise<string> => {
  const recipe = JSON.stringify([RECIPE, SUITE, PACKAGES, SYSLINUX_CONFIG, HOOKS, BOOT_MIB, ROOT_MIB]);
  const hash = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  const target = path.join(IMAGE_CACHE, `debian-guest-${hash}.qcow2`);
  if (existsSync(target)) return target;
  mkdirSync(IMAGE_CACHE, { recursive: true });
  return await withLock(path.join(IMAGE_CACHE, 'debian-guest.lock'), log, async () => {
    if (existsSync(target)) return target;
    log(`Debian guest: installing Debian ${SUITE} with cloud-init and qemu-guest-agent (about 3 minutes, once)`);
    const work = path.join(IMAGE_CACHE, 'debian-guest.work');
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    try {
      const disk = await assemble(work);
      await run('qemu-img', ['convert', '-c', '-O', 'qcow2', disk, `${target}.tmp`]);
      for (const file of readdirSync(IMAGE_CACHE)) {
        if (/^debian-guest-.*\.qcow2/.test(file) && !file.endsWith('.tmp')) rmSync(path.join(IMAGE_CACHE, file));
      }
      renameSync(`${target}.tmp`, target);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    return target;
  });
};

const assemble = async (work: string): Promise<string> => {
  const root = path.join(work, 'root');
  await run('mmdebstrap', [
    ...['--mode=root', '--variant=minbase', '--format=directory', `--include=${PACKAGES.join(',')}`],
    ...['man/*', 'doc/*', 'info/*', 'locale/*'].map((pattern) => `--dpkgopt=path-exclude=/usr/share/${pattern}`),
    ...HOOKS.map((hook) => `--customize-hook=${hook}`),
    ...[SUITE, root],
  ]);
  const boot = await bootPartition(work, root);
  const rootPartition = path.join(work, 'root.ext4');
  await run('mke2fs', ['-q', '-t', 'ext4', '-L', 'root', '-d', root, rootPartition, `${ROOT_MIB}M`]);
  const disk = path.join(work, 'disk.raw');
  writeFileSync(disk, '');
  truncateSync(disk, (ROOT_START_MIB + ROOT_MIB + 1) * MIB);
  const table = [
    'label: dos',
    `start=${BOOT_START_MIB}MiB, size=${BOOT_MIB}MiB, type=c, bootable`,
    `start=${ROOT_START_MIB}MiB, size=${ROOT_MIB}MiB, type=83`,
  ];
  await run('sfdisk', ['--quiet', disk], { input: `${table.join('\n')}\n` });
  // The boot code ends where the partition table begins.
  await run('dd', ['if=/usr/lib/syslinux/mbr/mbr.bin', `of=${disk}`, 'bs=440', 'count=1', 'conv=notrunc']);
  const place = (file: string, seekMib: number) =>
    run('dd', [`if=${file}`, `of=${disk}`, 'bs=1M', `seek=${seekMib}`, 'conv=notrunc,sparse']);
  await place(boot, BOOT_START_MIB);
  await place(rootPartition, ROOT_START_MIB);
  return disk;
};

/** A FAT file system with the boot loader, the kernel and its initrd. */
const bootPartition = async (work: string, root: string): Promise<string> => {
  const image = path.join(work, 'boot.fat');
  writeFileSync(image, '');
  truncateSync(image, BOOT_MIB * MIB);
  // The boot sector must know where its partition begins (hidden sectors).
  const sectors = (mebibytes: number): string => String((mebibytes * MIB) / 512);
  await run('mformat', [
    '-i',
    image,
    '-F',
    '-T',
    sectors(BOOT_MIB),
    '-h',
    '255',
    '-s',
    '63',
    '-H',
    sectors(BOOT_START_MIB),
    '::',
  ]);
  const files = readdirSync(path.join(root, 'boot'));
  const find = (prefix: string): string => {
    const name = files.find((file) => file.startsWith(prefix));
    if (name === undefined) throw new Error(`No ${prefix}* in the guest's /boot: ${files.join(', ')}`);
    return path.join(root, 'boot', name);
  };
  const config = path.join(work, 'syslinux.cfg');
  writeFileSync(config, SYSLINUX_CONFIG);
  const copies = [
    [find('vmlinuz-'), 'vmlinuz'],
    [find('initrd.img-'), 'initrd.img'],
    [config, 'syslinux.cfg'],
  ] as const;
  for (const [from, to] of copies) await run('mcopy', ['-i', image, from, `::${to}`]);
  await run('syslinux', ['--install', image]);
  return image;
};
