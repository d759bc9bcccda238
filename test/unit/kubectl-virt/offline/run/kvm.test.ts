import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kvmWorks } from '../../../../../cmd/kubectl-virt/offline/run/kvm.js';

describe('the proof of KVM', function () {
  // Each is a process or two, on a machine that may be busy.
  this.timeout(60_000);
  let directory: string | undefined;

  before(function () {
    // Of another machine the script asks for something else, and its emulator has another end.
    if (process.arch !== 'x64') this.skip();
    directory = mkdtempSync(join(tmpdir(), 'kvm-'));
  });
  after(() => {
    if (directory !== undefined) rmSync(directory, { recursive: true });
  });

  /** An emulator of a few lines. */
  const emulator = (script: string): string => {
    const file = join(directory!, 'emulator');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  // Any device will do: the emulator above does not open it.
  const works = (script: string, device = '/dev/null'): Promise<boolean> =>
    kvmWorks(directory!, undefined, { device, emulator: emulator(script) });

  /** What a guest prints at its first tick and three ticks later, and how it ends the emulator. */
  const ticks = (seconds: number): string => `echo; sleep ${seconds}; echo; exit 33`;

  it('is a guest with the CPU of guests that saw clock interrupts under KVM and ended the emulator by its port', async () => {
    assert.equal(await works(`case "$*" in *"-accel kvm -cpu host"*isa-debug-exit*) ${ticks(0.1)} ;; esac`), true);
  });

  it('is not a guest whose ticks take seconds, unless it was the node that was busy for once', async () => {
    assert.equal(await works(ticks(2.1)), false);
    assert.equal(
      await works(`[ -e ${directory}/once ] || { touch ${directory}/once; ${ticks(2.1)}; }; ${ticks(0.1)}`),
      true,
    );
  });

  it('is not a guest that ended otherwise', async () => {
    assert.equal(await works('exit 0'), false);
    // What the weak proof of earlier took for one: a guest that wrote to the port and never waited for an interrupt.
    assert.equal(await works('exit 99'), false);
    assert.equal(await works('exit 33'), false);
    assert.equal(await works('echo; exit 33'), false);
    assert.equal(await works('echo "Could not access KVM kernel module" >&2; exit 1'), false);
    assert.equal(await works('echo "kvm-self-test: usable=true: so it says" >&2; exit 1'), false);
  });

  it('is not a device that is missing, or none', async () => {
    assert.equal(await works('exit 33', join(directory!, 'missing')), false);
    assert.equal(await works('exit 33', directory), false);
  });

  it('needs an emulator', async () => {
    assert.equal(
      await kvmWorks(directory!, undefined, { device: '/dev/null', emulator: join(directory!, 'none') }),
      false,
    );
  });
});
