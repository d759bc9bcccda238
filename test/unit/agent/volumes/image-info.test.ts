import assert from 'node:assert/strict';
import { imageFormat } from '../../../../src/agent/volumes/image-info.js';
import { CommandError } from '../../../../src/agent/workspace/command.js';
import type { Workspace } from '../../../../src/agent/workspace/workspace.js';

const FILE = '/proc/62/root/disk/disk.qcow2';
/** A workspace in which qemu-img ends with status 1. */
const failing = (stderr: string) =>
  ({ run: () => Promise.reject(new CommandError('qemu-img', 1, stderr, 'ended with 1')) }) as unknown as Workspace;

describe('a disk that is no image', () => {
  it('is named as its owner knows it, once, with what to do', async () => {
    const said = `qemu-img: Could not open '${FILE}': Unsupported cluster size: 2^0\n`;
    await assert.rejects(
      imageFormat(failing(said), 'root', FILE, 0n),
      /^VolumeError: volume root: invalid disk image \/disk\/disk\.qcow2: Unsupported cluster size: 2\^0; put a disk in/,
    );
  });

  it('keeps other words of qemu-img', async () => {
    await assert.rejects(imageFormat(failing('out of patience'), 'root', FILE, 0n), /qcow2: out of patience; put/);
  });
});
