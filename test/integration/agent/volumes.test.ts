import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
  chownSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { credentialVolume } from '../../../src/api/vmi/access-credentials.js';
import { LocalWorkspace } from '../../../src/agent/workspace/local-workspace.js';
import { prepareVolumes } from '../../../src/agent/volumes/prepare.js';

/** Runs qemu-img and xorriso as an ordinary user, as in a pod. */
describe('volumes', function () {
  this.timeout(300_000);
  let directory: string;
  let workspace: LocalWorkspace;
  let credentials: VirtualMachineInstance['spec']['accessCredentials'];
  const image = (name: string): string => join(directory, 'rootfs', 'disk', name);
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

  beforeEach(() => {
    credentials = undefined;
    directory = mkdtempSync(join(tmpdir(), 'virt-volumes-'));
    mkdirSync(join(directory, 'rootfs', 'disk'), { recursive: true });
    if (user) for (const path of [directory, join(directory, 'rootfs')]) chownSync(path, user.uid, user.gid);
    workspace = new LocalWorkspace(join(directory, 'vm'), user);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const vmi = (...volumes: Volume[]): VirtualMachineInstance => ({
    metadata: { name: 'web.example', namespace: 'default' },
    spec: { domain: { devices: {} }, volumes, accessCredentials: credentials },
  });
  /** What is found out of each volume, without what its file system is like. */
  const prepare = async (...volumes: Volume[]) => {
    const facts = await prepareVolumes(vmi(...volumes), workspace, {
      imageSource: () => Promise.resolve({ root: join(directory, 'rootfs') }),
      memoryLimitBytes: 2000n * 1024n * 1024n,
    });
    const own = ['directIo', 'blockSize'];
    const without = (disk: object): object =>
      Object.fromEntries(Object.entries(disk).filter(([key]) => !own.includes(key)));
    return Object.fromEntries(Object.entries(facts).map(([name, disk]) => [name, without(disk)]));
  };
  const info = (path: string): Record<string, unknown> =>
    JSON.parse(execFileSync('qemu-img', ['info', '--output=json', path], { encoding: 'utf8' })) as Record<
      string,
      unknown
    >;
  const root = (path?: string): Volume => ({ name: 'root', containerDisk: { image: 'x', ...(path ? { path } : {}) } });

  it('lays a qcow2 overlay over the only file of /disk, and keeps it the second time', async () => {
    writeFileSync(image('a.img'), Buffer.alloc(1 << 20));
    assert.deepEqual(await prepare(root()), { root: { format: 'raw' } });
    const overlay = workspace.paths.overlay('root');
    const made = info(overlay);
    assert.equal(made['virtual-size'], 1 << 20);
    assert.equal(made['backing-filename'], workspace.paths.containerDisk('root', 0));
    writeFileSync(overlay, 'what the guest wrote');
    await prepare(root());
    assert.equal(readFileSync(overlay, 'utf8'), 'what the guest wrote');
  });

  it('takes the file that path names, through a link that is absolute in the image', async () => {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', image('a.qcow2'), '2M']);
    chmodSync(image('a.qcow2'), 0o644);
    writeFileSync(image('other'), '');
    symlinkSync('/disk/a.qcow2', join(directory, 'rootfs', 'boot.img'));
    assert.deepEqual(await prepare(root('/boot.img')), { root: { format: 'qcow2' } });
  });

  for (const [what, arrange, expected] of [
    ['no file', () => undefined, /no file in \/disk, so no disk/],
    ['no directory', () => rmSync(join(directory, 'rootfs', 'disk'), { recursive: true }), /no directory \/disk/],
    ['two files', () => ['a', 'b'].forEach((name) => writeFileSync(image(name), '')), /2 files in \/disk \(a, b\)/],
    [
      'a backing file',
      () =>
        execFileSync('qemu-img', [
          'create',
          '-q',
          '-u',
          '-f',
          'qcow2',
          '-b',
          '/etc/shadow',
          '-F',
          'raw',
          image('a'),
          '1M',
        ]),
      /needs the backing file \/etc\/shadow/,
    ],
    [
      'another format',
      () => execFileSync('qemu-img', ['create', '-q', '-f', 'vmdk', image('a'), '1M']),
      /format is vmdk/,
    ],
    [
      'an external data file',
      () =>
        execFileSync('qemu-img', [
          'create',
          '-q',
          '-f',
          'qcow2',
          '-o',
          `data_file=${join(directory, 'data')}`,
          image('a'),
          '1M',
        ]),
      /data lies in another file/,
    ],
    ['a loop of links', () => symlinkSync('a', image('a')), /chain of more than 8 symbolic links/],
    [
      'a link into nothing',
      () => symlinkSync('/nowhere', image('a')),
      /has no file \/nowhere \(where \/disk\/a leads\)/,
    ],
    ['a directory', () => mkdirSync(image('a')), /is a directory, not a disk file/],
    ['a FIFO', () => execFileSync('mkfifo', ['-m', '666', image('a')]), /is a fifo, not a disk file/],
    [
      'ten thousand files',
      () => Array.from({ length: 10_000 }, (_, n) => writeFileSync(image(String(n).padStart(5, '0')), '')),
      /10000 files in \/disk \(00000, 00001, 00002, 00003, 00004, …\)/,
    ],
  ] as const)
    it(`refuses an image with ${what}`, async () => {
      arrange();
      await assert.rejects(prepare(root()), (error: Error & { permanent?: boolean }) => {
        assert.match(error.message, expected);
        assert.equal(error.permanent, true);
        assert.match(error.message, /^volume root: /);
        return true;
      });
    });

  it('takes a file of any name, hidden ones too, and links of such names', async () => {
    for (const name of ['.hidden', 'two words', 'line\nbreak\n', '-rf', '$(touch pwned)', '*']) {
      rmSync(join(directory, 'rootfs', 'disk'), { recursive: true });
      mkdirSync(join(directory, 'rootfs', 'disk'));
      writeFileSync(image(name), Buffer.alloc(4096));
      assert.deepEqual(await prepare(root()), { root: { format: 'raw' } }, name);
      symlinkSync(`/disk/${name}`, image('link'));
      assert.deepEqual(await prepare(root('/disk/link')), { root: { format: 'raw' } }, name);
    }
  });

  it('says how to make an unreadable image readable', async function () {
    if (!user) this.skip();
    writeFileSync(image('a'), 'x');
    chmodSync(image('a'), 0o600);
    await assert.rejects(prepare(root()), /cannot be read.*Permission denied.*--chown=107:107/);
  });

  it('makes an emptyDisk of whole MiB once', async () => {
    const volume: Volume = { name: 'scratch', emptyDisk: { capacity: '3500Ki' } };
    assert.deepEqual(await prepare(volume), { scratch: { format: 'qcow2' } });
    const path = workspace.paths.emptyDisk('scratch');
    assert.equal(info(path)['virtual-size'], 3 << 20);
    writeFileSync(path, 'kept');
    writeFileSync(`${path}.1.staging`, 'torn');
    await prepare(volume);
    assert.equal(readFileSync(path, 'utf8'), 'kept');
    await assert.rejects(prepare({ name: 'tiny', emptyDisk: { capacity: '1000' } }), /capacity 1000 is below/);
  });

  const fromIso = (volume: string, file: string): string => {
    const target = join(directory, 'extracted');
    rmSync(target, { force: true });
    const iso = workspace.paths.cloudInitIso(volume);
    execFileSync('xorriso', ['-osirrox', 'on', '-indev', iso, '-extract', `/${file}`, target], { stdio: 'ignore' });
    return readFileSync(target, 'utf8');
  };

  it('makes a NoCloud image of inline data', async () => {
    const networkDataBase64 = Buffer.from('version: 2\n').toString('base64');
    const volume: Volume = { name: 'init', cloudInitNoCloud: { userData: '#cloud-config\n', networkDataBase64 } };
    assert.deepEqual(await prepare(volume), { init: { format: 'raw' } });
    assert.equal(fromIso('init', 'user-data'), '#cloud-config\n');
    assert.equal(fromIso('init', 'network-config'), 'version: 2\n');
    assert.equal(fromIso('init', 'meta-data'), '{"instance-id":"web.example.default","local-hostname":"web"}');
    const label = execFileSync('xorriso', ['-indev', workspace.paths.cloudInitIso('init'), '-pvd_info'], {
      stdio: 'pipe',
    });
    assert.match(label.toString(), /Volume Id *: cidata/);
  });

  it('puts SSH keys of Secrets into the meta-data of the source that they are for', async () => {
    const at = workspace.paths.accessCredential(credentialVolume('team'));
    await workspace.mkdir(at);
    const write = (key: string, text: string): Promise<void> => workspace.writeFile(join(at, key), Buffer.from(text));
    await write('a', '# of a\nssh-rsa AA "a"\n');
    await write('b', 'ssh-rsa BB b');
    credentials = [
      { sshPublicKey: { source: { secret: { secretName: 'team' } }, propagationMethod: { noCloud: {} } } },
    ];
    await prepare(
      { name: 'init', cloudInitNoCloud: { userData: 'x' } },
      { name: 'drive', cloudInitConfigDrive: { userData: 'x' } },
    );
    assert.deepEqual((JSON.parse(fromIso('init', 'meta-data')) as Record<string, unknown>)['public-keys'], {
      0: 'ssh-rsa AA "a"',
      1: 'ssh-rsa BB b',
    });
    assert.equal(
      (JSON.parse(fromIso('drive', 'openstack/latest/meta_data.json')) as Record<string, unknown>)['public_keys'],
      undefined,
    );
    await write('b', 'ssh-rsa \u0007');
    rmSync(workspace.paths.cloudInitIso('init'));
    await assert.rejects(
      prepare({ name: 'init', cloudInitNoCloud: { userData: 'x' } }),
      /Secret team has a line that is no SSH key/,
    );
  });

  it('reads user data from a Secret in either spelling', async () => {
    const volume: Volume = { name: 'init', cloudInitNoCloud: { secretRef: { name: 's' } } };
    await assert.rejects(prepare(volume), /Secret s has none of the keys userdata, userData/);
    mkdirSync(workspace.paths.secret('init'), { recursive: true });
    writeFileSync(join(workspace.paths.secret('init'), 'userData'), 'from the secret');
    await prepare(volume);
    assert.equal(fromIso('init', 'user-data'), 'from the secret');
  });

  it('names a source that it does not know', async () => {
    await assert.rejects(prepare({ name: 'x', memoryDump: { claimName: 'a' } }), /source memoryDump is not supported/);
  });
});
