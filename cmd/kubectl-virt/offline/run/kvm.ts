import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemUser } from './programs.js';
import { emulatorName, findProgram } from './programs.js';

/** Set by the bundler: a plugin is one file. */
declare const __KVM_SELF_TEST__: string | undefined;

/** The agent's own proof (docs/agent.md); from source it is read where it is. */
const selfTest = (): string =>
  typeof __KVM_SELF_TEST__ === 'string'
    ? __KVM_SELF_TEST__
    : readFileSync(new URL('../../../../src/agent/node/kvm-self-test.sh', import.meta.url), 'utf8');

/** The script gives its guest 5 s; this is for a machine on which not even the script ends. */
const SELF_TEST_MS = 30_000;

/** For tests: another device and another emulator. */
interface Machine {
  readonly device?: string;
  readonly emulator?: string | undefined;
}

/**
 * Proves that KVM works here, as the user who will run the guest: a guest runs for a moment and waits for interrupts.
 * @param directory Where that user may write.
 */
export const kvmWorks = (
  directory: string,
  user: SystemUser | undefined,
  { device = '/dev/kvm', emulator = findProgram(emulatorName()) }: Machine = {},
): Promise<boolean> => {
  if (emulator === undefined) return Promise.resolve(false);
  // By what the script says, not by its file: that is in a directory of another user.
  const args = ['-c', selfTest(), 'kvm-self-test', join(directory, 'kvm-self-test')];
  const options = {
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', KVM_DEVICE: device, QEMU: emulator },
    timeout: SELF_TEST_MS,
    killSignal: 'SIGKILL',
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  } as const;
  return new Promise((resolve) => {
    execFile('/bin/sh', args, options, (error, output) =>
      resolve(error === null && /^kvm-self-test: usable=true: /m.test(output)),
    );
  });
};
