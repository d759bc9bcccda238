import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemUser } from './programs.js';
import { emulatorName, findProgram } from './programs.js';

/** `/dev/kvm` may exist and not work, even hang; a guest that works is done in well under a second (design §7). */
const PROBE_MS = 5000;
const EXIT_PORT = 0xf4;
/** isa-debug-exit ends QEMU with (value × 2) + 1. */
const PROOF = 0x31;

/** A boot sector that writes the proof to the exit port: `mov al, 0x31; out 0xf4, al; hlt`. */
const bootSector = (): Buffer => {
  const sector = Buffer.alloc(512);
  Buffer.from([0xb0, PROOF, 0xe6, EXIT_PORT, 0xf4]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
};

/** Runs a guest of five bytes with KVM, as the user who will run the real one. */
export const kvmWorks = async (directory: string, user: SystemUser | undefined): Promise<boolean> => {
  if (process.arch !== 'x64' || !existsSync('/dev/kvm')) return false;
  if (user === undefined) {
    try {
      accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    } catch {
      return false;
    }
  }
  const emulator = findProgram(emulatorName());
  if (emulator === undefined) return false;
  const disk = join(directory, 'kvm-probe.img');
  writeFileSync(disk, bootSector(), { mode: 0o644 });
  const device = `isa-debug-exit,iobase=0x${EXIT_PORT.toString(16)},iosize=1`;
  const args = ['-accel', 'kvm', '-machine', 'pc', '-m', '16', '-nodefaults', '-display', 'none', '-device', device];
  return new Promise((resolve) => {
    const child = spawn(emulator, [...args, '-drive', `file=${disk},format=raw,if=ide,readonly=on,snapshot=on`], {
      stdio: 'ignore',
      cwd: '/',
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PROBE_MS);
    child.on('error', () => resolve(false));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code === PROOF * 2 + 1);
    });
  });
};
