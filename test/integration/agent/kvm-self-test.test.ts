import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kvmWorks } from '../../../cmd/kubectl-virt/offline/run/kvm.js';

/** Every argument as it is, but for the two that only a machine with KVM has. */
const EMULATED = `#!/bin/bash
args=()
for arg; do
  case "$arg" in kvm) arg=tcg ;; host) arg=max ;; esac
  args+=("$arg")
done
exec qemu-system-x86_64 "\${args[@]}"
`;

describe("the KVM self-test's guest, in a QEMU without KVM", function () {
  this.timeout(120_000);
  let directory: string;
  before(function () {
    if (process.arch !== 'x64') this.skip();
    directory = mkdtempSync(join(tmpdir(), 'kvm-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('waits for its ticks, says so, and ends QEMU', async () => {
    const emulator = join(directory, 'qemu');
    writeFileSync(emulator, EMULATED);
    chmodSync(emulator, 0o755);
    assert.equal(await kvmWorks(directory, undefined, { device: '/dev/null', emulator }), true);
  });
});
