import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageFormat } from '../../../src/agent/volumes/image-info.js';
import { VolumeError } from '../../../src/agent/volumes/volume-error.js';
import { CommandError, type Command, type CommandOutput } from '../../../src/agent/workspace/command.js';
import { LocalWorkspace } from '../../../src/agent/workspace/local-workspace.js';
import { writeSnapshotBomb } from '../support/snapshot-bomb.js';

const MIB = 1 << 20;

describe('attack: an image that takes much to look at', function () {
  this.timeout(300_000);
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'virt-looks-'));
    chmodSync(directory, 0o755);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const isPermanent = (error: unknown): true => {
    assert.ok(error instanceof VolumeError, String(error));
    assert.equal(error.permanent, true, error.message);
    return true;
  };

  it('with 65,535 snapshots is refused for good, within 128 MiB, whatever the configuration allows', async () => {
    const image = join(directory, 'bomb.qcow2');
    writeSnapshotBomb(image);
    assert.ok(statSync(image).size > 50 * MIB);
    // It is what it is meant to be: with three it is an image like any other.
    const three = join(directory, 'three.qcow2');
    writeSnapshotBomb(three, 3);
    const info = execFileSync('qemu-img', ['info', '--output=json', three], { encoding: 'utf8' });
    assert.equal((JSON.parse(info) as { snapshots: unknown[] }).snapshots.length, 3);
    assert.equal(await imageFormat(new LocalWorkspace(directory), 'root', three, 2000n * BigInt(MIB)), 'qcow2');
    const seen: Command[] = [];
    class Noting extends LocalWorkspace {
      override run(command: Command, options: object = {}): Promise<CommandOutput> {
        seen.push(command);
        return super.run(command, options);
      }
    }
    await assert.rejects(imageFormat(new Noting(directory), 'root', image, 2000n * BigInt(MIB)), isPermanent);
    assert.equal(seen.length, 1);
  });

  it('takes no more memory than that of any image that is looked at', async () => {
    const image = join(directory, 'large.qcow2');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', image, '16T']);
    chmodSync(image, 0o444);
    // Many times: glibc's arenas took the limit now and then.
    for (let n = 0; n < 20; n += 1)
      assert.equal(await imageFormat(new LocalWorkspace(directory), 'root', image, 2000n * BigInt(MIB)), 'qcow2');
  });

  for (const [what, end, exitCode, permanent] of [
    ['was killed for its processor time', 'killed', 152, true],
    ['took long by the clock alone', 'timed-out', 137, false],
    ['printed too much', 'killed', undefined, true],
    ['died of a signal', 'killed', 134, true],
    ['says that the image is broken', 'failed', 1, true],
    ['did not begin', 'not-started', 126, false],
  ] as const)
    it(`that ${what} is ${permanent ? '' : 'not '}permanent`, async () => {
      class Failing extends LocalWorkspace {
        override run(): Promise<CommandOutput> {
          return Promise.reject(new CommandError('qemu-img', exitCode, '', what, end));
        }
      }
      await assert.rejects(imageFormat(new Failing(directory), 'root', 'x', 1n << 27n), (error) =>
        permanent
          ? isPermanent(error)
          : error instanceof VolumeError
            ? !error.permanent
            : error instanceof CommandError,
      );
    });
});
