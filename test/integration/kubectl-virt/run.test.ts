import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildTinyGuest } from '../../../scripts/guests/tiny.js';
import { cleanEnvironment, plugin, root } from './plugin.js';
import { buildPrograms } from '../../support/built-program.js';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const runPlugin = (...args: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(plugin, args, { env: cleanEnvironment(), maxBuffer: 16 * 1024 * 1024 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });

/** Run directories that are there now. */
const runDirectories = (): string[] => readdirSync('/tmp').filter((name) => name.startsWith('kvrun-'));

describe('kubectl virt run (libvirt and QEMU of this machine)', function () {
  // Emulated guests boot in seconds on an idle machine, and much slower on a loaded one.
  this.timeout(300_000);
  const manifest = `${root}manifests/examples/demo-vmi.yaml`;
  let image: string;
  let directory: string;

  before(async function () {
    if (!existsSync('/usr/sbin/libvirtd') || !existsSync('/usr/bin/qemu-system-x86_64')) this.skip();
    buildPrograms('kubectl-virt');
    image = await buildTinyGuest();
    // Not os.tmpdir(): the guest's user must be able to go there.
    directory = mkdtempSync('/var/tmp/run-test-');
    chmodSync(directory, 0o755);
  });
  after(() => directory && rmSync(directory, { recursive: true }));
  let before_: string[];
  beforeEach(() => (before_ = runDirectories()));
  afterEach(() =>
    assert.deepEqual(
      runDirectories().filter((name) => !before_.includes(name)),
      [],
      'files left behind',
    ),
  );

  it('boots the demo, runs a command in it and removes everything', async () => {
    const command = 'echo "answer: $((6 * 7)) on $(hostname)"';
    const { code, out, err } = await runPlugin(
      'run',
      '-f',
      manifest,
      '--volume',
      `root=${image}`,
      '--no-tty',
      '--command',
      command,
    );
    assert.equal(code, 0, err);
    assert.match(out, /Hello from cloud-init user-data on demo\./);
    assert.match(out, /answer: 42 on demo/);
    assert.match(err, /The command is done; demo is stopped and removed/);
  });

  it('writes to the file that a claim is bound to, and ends when the guest powers off', async () => {
    const disk = join(directory, 'claim.img');
    copyFileSync(image, disk);
    const data = join(directory, 'data.img');
    writeFileSync(data, Buffer.alloc(1024 * 1024));
    for (const file of [disk, data]) chmodSync(file, 0o666);
    const claim = join(directory, 'claim.yaml');
    writeFileSync(
      claim,
      `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: { name: claim }
spec:
  terminationGracePeriodSeconds: 60
  domain:
    memory: { guest: 128Mi }
    devices:
      disks:
        - { name: root, disk: { bus: virtio } }
        - { name: data, disk: { bus: virtio } }
        - { name: seed, disk: { bus: virtio } }
  volumes:
    - { name: root, persistentVolumeClaim: { claimName: root } }
    - { name: data, persistentVolumeClaim: { claimName: data } }
    - name: seed
      cloudInitNoCloud:
        secretRef: { name: seed }
---
apiVersion: v1
kind: Secret
metadata: { name: seed }
stringData:
  userdata: |
    #!/bin/sh
    echo written-by-the-guest >/dev/vdb
    sync
    poweroff
`,
    );
    const { code, err } = await runPlugin(
      'run',
      '-f',
      claim,
      '--no-tty',
      '--volume',
      `root=${disk}`,
      '--volume',
      `data=${data}`,
    );
    assert.equal(code, 0, err);
    assert.match(err, /claim was powered off and is removed/);
    assert.equal(readFileSync(data).toString('utf8', 0, 20), 'written-by-the-guest');
  });

  it('keeps what is written to a host disk, and throws away what is written over an ephemeral volume', async () => {
    const place = join(directory, 'host');
    mkdirSync(place);
    chmodSync(place, 0o777);
    const golden = join(directory, 'golden.img');
    writeFileSync(golden, Buffer.alloc(1024 * 1024, 'g'));
    chmodSync(golden, 0o444);
    const settings = join(directory, 'kubevirt.yaml');
    writeFileSync(
      settings,
      `apiVersion: kubevirt.io/v1
kind: KubeVirt
metadata: { name: kubevirt, namespace: kubevirt }
spec: { configuration: { developerConfiguration: { featureGates: [HostDisk] } } }
`,
    );
    const file = join(directory, 'host.yaml');
    writeFileSync(
      file,
      `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: { name: host }
spec:
  terminationGracePeriodSeconds: 60
  domain:
    memory: { guest: 128Mi }
    devices:
      disks:
        - { name: root, disk: { bus: virtio } }
        - { name: host, disk: { bus: virtio } }
        - { name: copy, disk: { bus: virtio } }
        - { name: seed, disk: { bus: virtio } }
  volumes:
    - { name: root, containerDisk: { image: tiny } }
    - { name: host, hostDisk: { path: ${place}/disk.img, type: DiskOrCreate, capacity: 2Mi } }
    - { name: copy, ephemeral: { persistentVolumeClaim: { claimName: golden } } }
    - name: seed
      cloudInitNoCloud:
        userData: |
          #!/bin/sh
          head -c 4 /dev/vdc >/dev/vdb
          echo changed >/dev/vdc
          head -c 8 /dev/vdc | dd of=/dev/vdb bs=512 seek=1 conv=sync
          sync
          poweroff
`,
    );
    const volumes = ['--volume', `root=${image}`, '--volume', `copy=${golden}`];
    const { code, err } = await runPlugin('run', '-f', file, '--no-tty', '--config', settings, ...volumes);
    assert.equal(code, 0, err);
    const written = readFileSync(join(place, 'disk.img'));
    assert.equal(written.length, 2 * 1024 * 1024);
    assert.equal(written.toString('utf8', 0, 4), 'gggg');
    assert.equal(written.toString('utf8', 512, 519), 'changed');
    assert.ok(readFileSync(golden).equals(Buffer.alloc(1024 * 1024, 'g')));
  });

  it('cleans up when it is interrupted while the guest boots', async () => {
    const child = spawn(plugin, ['run', '-f', manifest, '--volume', `root=${image}`, '--no-tty'], {
      env: cleanEnvironment(),
      stdio: 'pipe',
    });
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(code, 143);
  });

  it('gives a terminal the shell, and at ^] restores it and removes everything', async () => {
    const command = `stty -a; ${plugin} run -f ${manifest} --volume root=${image}; echo exit=$?; echo AFTER; stty -a`;
    const shell = spawn('script', ['-q', '-e', '-c', command, '/dev/null'], { env: cleanEnvironment(), stdio: 'pipe' });
    let text = '';
    let typed = false;
    let left = false;
    // The terminal may be gone by the time that a key reaches it.
    shell.stdin.on('error', () => undefined);
    shell.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (!typed && /root@demo:\/root# /.test(text)) {
        typed = true;
        shell.stdin.write('echo $((6 * 7))\r');
      }
      if (!left && /\n42\r/.test(text)) {
        left = true;
        shell.stdin.write('\x1d');
      }
    });
    await new Promise((resolve) => shell.on('close', resolve));
    assert.match(text, /Ctrl\+\] leaves, stops it and removes its files/);
    assert.match(text, /Left the console; demo is stopped and removed/);
    assert.match(text, /exit=0/);
    const modes = [...text.matchAll(/-?brkint[\s\S]*?echoke/g)].map(([each]) => each);
    assert.equal(modes.length, 2);
    assert.equal(modes[0], modes[1]);
  });

  const refused: [string, () => string[], RegExp][] = [
    [
      'an unbound image',
      () => [],
      /volume root is the image .* which this machine does not have\nBind it to a local image: --volume root=/,
    ],
    ['a binding of no volume', () => ['--volume', `nope=${image}`], /--volume nope: the manifest has no volume/],
    ['a binding to nothing', () => ['--volume', 'root=/nonexistent.img'], /\/nonexistent\.img does not exist/],
    ['a binding of a wrong form', () => ['--volume', 'root'], /Write NAME=PATH/],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what}`, async () => {
      const { code, err } = await runPlugin('run', '-f', manifest, '--no-tty', ...args());
      assert.equal(code, 1);
      assert.match(err, message);
    });
  }

  it('refuses an image that names another file', async () => {
    const { execFileSync } = await import('node:child_process');
    const evil = join(directory, 'evil.qcow2');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', evil]);
    chmodSync(evil, 0o644);
    const { code, err } = await runPlugin('run', '-f', manifest, '--no-tty', '--volume', `root=${evil}`);
    assert.equal(code, 1);
    assert.match(err, /backing file/);
  });
});
