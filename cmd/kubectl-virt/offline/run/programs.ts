import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { CliError } from '../../errors.js';

/** Where Debian keeps daemons is often not in a user's PATH. */
const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export const findProgram = (name: string): string | undefined =>
  DIRECTORIES.map((directory) => `${directory}/${name}`).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Program → Debian package. */
const PACKAGES: Readonly<Record<string, string>> = {
  libvirtd: 'libvirt-daemon',
  'qemu-img': 'qemu-utils',
  xorriso: 'xorriso',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-system-aarch64': 'qemu-system-arm',
  swtpm: 'swtpm',
  swtpm_setup: 'swtpm-tools',
};

export const emulatorName = (): string => (process.arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64');

/** @throws CliError naming every missing program and the packages that bring them */
export const requirePrograms = (names: readonly string[]): void => {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return;
  const packages = missing.flatMap((name) => PACKAGES[name] ?? name);
  // libvirtd can drive QEMU only with its driver, which is a package of its own.
  if (packages.includes('libvirt-daemon')) packages.push('libvirt-daemon-driver-qemu');
  throw new CliError(`this machine has no ${missing.join(', ')}`, {
    remedy: `On Debian and Ubuntu: apt-get install --no-install-recommends ${packages.join(' ')}`,
  });
};

/** @throws CliError where this machine lacks a file of the firmware that the VM boots by */
export const requireFirmware = (files: readonly string[]): void => {
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === 0) return;
  throw new CliError(
    `this machine has no UEFI firmware for spec.domain.firmware.bootloader.efi: ${missing.join(', ')}`,
    {
      remedy: 'On Debian and Ubuntu: apt-get install --no-install-recommends ovmf',
    },
  );
};

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom libvirtd and QEMU run as. A user's own processes run as the user. For root another user is taken, because
 * libvirtd as root is the system's daemon, and because a guest should not run as root.
 */
export const sessionUser = (): SystemUser | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['libvirt-qemu', 'nobody']) {
    const [, , uid, gid] = users.find(([each]) => each === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new CliError(
    'as root, "run" needs an unprivileged user for libvirtd, and there is neither libvirt-qemu nor nobody',
    {
      remedy: 'Run it as an ordinary user, or create one of these users.',
    },
  );
};
