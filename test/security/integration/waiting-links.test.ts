import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { prepareVolumes } from '../../../src/agent/volumes/prepare.js';
import type { Command, CommandOutput, RunOptions } from '../../../src/agent/workspace/command.js';
import { LocalWorkspace } from '../../../src/agent/workspace/local-workspace.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';

const GUEST = { uid: 107, gid: 107 };
const SECRET = 'what the link leads to';

/** A tenant of the same uid who puts links to a file of value wherever a command is about to make one. */
class HostileWorkspace extends LocalWorkspace {
  planted: string[] = [];

  constructor(
    directory: string,
    private readonly victim: string,
    /**
     * He reads the command's arguments and is faster than it; otherwise he knows only the names of the last version.
     */
    private readonly readsArguments: boolean,
  ) {
    super(directory, GUEST);
  }

  plant(path: string): void {
    if (!existsSync(dirname(path)) || !lstatSync(dirname(path)).isDirectory()) return;
    rmSync(path, { force: true });
    symlinkSync(this.victim, path);
    this.planted.push(path);
  }

  override run(command: Command, options: RunOptions = {}): Promise<CommandOutput> {
    for (const argument of command.filter((text) => text.startsWith(this.paths.serialSocket.replace(/serial0$/, '')))) {
      if (this.readsArguments && argument.endsWith('.staging')) this.plant(argument);
      if (!argument.endsWith('.staging')) this.plant(`${argument}.staging`);
      this.plant(join(argument, '.direct-io-probe'));
    }
    // He is faster than the command, so what it removes first it removes before he comes.
    const late = command.map((argument) => argument.replaceAll(/^ *rm -f -- "\$\w+"\.\*\.staging$/gm, ':'));
    return super.run(this.readsArguments ? (late as unknown as Command) : command, options);
  }
}

describe('attack: a link that waits where a file is going to be made', function () {
  this.timeout(300_000);
  let directory: string;
  let victim: string;

  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip();
    directory = mkdtempSync(join(tmpdir(), 'virt-links-'));
    chownSync(directory, GUEST.uid, GUEST.gid);
    victim = join(directory, 'victim');
    writeFileSync(victim, SECRET);
    chownSync(victim, GUEST.uid, GUEST.gid);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const claim = {
    claimName: 'db',
    volumeMode: 'Filesystem' as const,
    requests: { storage: '2Mi' },
    capacity: { storage: '2Mi' },
  };
  const kinds: Record<string, Volume> = {
    'cloud-init': { name: 'x', cloudInitNoCloud: { userData: '#cloud-config' } },
    'a config drive': { name: 'x', cloudInitConfigDrive: { userData: '#cloud-config', networkData: 'version: 2' } },
    'an image of a ConfigMap': { name: 'x', configMap: { name: 'a' } },
    'a disk of metrics': { name: 'x', downwardMetrics: {} },
    'an emptyDisk': { name: 'x', emptyDisk: { capacity: '2Mi' } },
    'a containerDisk’s overlay': { name: 'x', containerDisk: { image: 'x' } },
    'a claim’s image': { name: 'x', persistentVolumeClaim: { claimName: 'db' } },
  };

  for (const readsArguments of [false, true])
    for (const [what, volume] of Object.entries(kinds))
      it(`is never followed for ${what}${readsArguments ? ', by a tenant who sees the name' : ''}`, async () => {
        const workspace = new HostileWorkspace(join(directory, 'vm'), victim, readsArguments);
        const content = join(workspace.paths.content('x'), '..1');
        for (const made of [content, workspace.paths.persistentVolume('x')]) mkdirSync(made, { recursive: true });
        writeFileSync(join(content, 'key'), 'value');
        symlinkSync('..1', join(workspace.paths.content('x'), '..data'));
        mkdirSync(join(directory, 'image', 'disk'), { recursive: true });
        writeFileSync(join(directory, 'image', 'disk', 'disk.img'), Buffer.alloc(1 << 20));
        chownTree(directory);
        const vmi: VirtualMachineInstance = {
          metadata: { name: 'web', namespace: 'default', uid: 'u' },
          spec: { domain: { devices: { disks: [{ name: 'x', disk: {} }] } }, volumes: [volume] },
          status: { volumeStatus: [{ name: 'x', target: '', persistentVolumeClaimInfo: claim }] },
        };
        const prepared = prepareVolumes(vmi, workspace, {
          imageSource: () => Promise.resolve({ root: join(directory, 'image') }),
          memoryLimitBytes: 128n << 20n,
        });
        // Who sees the names can keep himself from having a disk, and nothing more.
        if (readsArguments) await prepared.catch(() => undefined);
        else await prepared;
        assert.ok(workspace.planted.length > 0, 'the attack did not take place');
        assert.equal(readFileSync(victim, 'utf8'), SECRET);
        assert.ok(lstatSync(victim).isFile());
      });
});

const chownTree = (directory: string): void => {
  // All that the tenant has is his.
  execFileSync('chown', ['-R', '107:107', directory]);
};
