import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { isCliError, renderError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeIo } from './fake-io.js';

const create = async (args: readonly string[], stdin?: string) => {
  const io = fakeIo(stdin === undefined ? {} : { stdin });
  try {
    const code = await main(['create', 'vm', ...args], io);
    return { code, out: io.out(), err: io.err() };
  } catch (error) {
    assert.ok(isCliError(error), error instanceof Error ? error.stack : String(error));
    return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
  }
};

/** The VM of flags that are right. */
const made = async (...args: string[]): Promise<VirtualMachine> => {
  const { code, out, err } = await create(args);
  assert.equal(code, 0, args.join(' '));
  assert.doesNotMatch(err, /error|W-INF/);
  // It passes what the command calls its own lint.
  const io = fakeIo({ stdin: out });
  assert.equal(await main(['lint', '-f', '-'], io), 0, io.out());
  assert.match(io.err(), /1 object checked, 0 errors/);
  return parse(out) as VirtualMachine;
};
const specOf = (vm: VirtualMachine) => vm.spec.template.spec!;

describe('kubectl virt create vm', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'create-vm-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('prints a VM that lint takes, with a name of its own', async () => {
    const vm = await made();
    assert.match(vm.metadata!.name!, /^vm-[a-z0-9]{5}$/);
    assert.equal(vm.metadata!.namespace, undefined);
    assert.equal(vm.spec.runStrategy, 'Always');
    assert.deepEqual(specOf(vm), {
      domain: { devices: {}, memory: { guest: '512Mi' } },
      terminationGracePeriodSeconds: 180,
    });
    const other = await made('--name=web', '-n', 'prod', '--run-strategy=Halted', '--memory=2Gi', '-o', 'json');
    assert.deepEqual(other.metadata, { name: 'web', namespace: 'prod' });
    assert.equal(specOf(other).domain.memory!.guest, '2Gi');
    assert.equal((await made('--name=web', '-nns/prod')).metadata!.namespace, 'prod');
    assert.match((await create(['-n', 'Not/One'])).err, /"Not\/One" is not a valid namespace/);
  });

  it('lists volumes in the order in which the guest tries to boot, and numbers those that are numbered', async () => {
    const vm = await made(
      ...['--name', 'web', '--volume-import=type:blank,size:1Gi,name:empty', '--volume-pvc=src:data'],
      ...['--volume-containerdisk=src:quay.io/disks/fedora:42', '--volume-blank=size:1Gi'],
      ...['--volume-clone-pvc=src:golden/fedora,name:copy,bootorder:1', '--volume-sysprep=src:answers,type:secret'],
    );
    assert.deepEqual(
      specOf(vm).volumes!.map(({ name }) => name),
      ['copy', 'web-containerdisk-0', 'data', 'web-blank-0', 'empty', 'sysprepdisk'],
    );
    assert.deepEqual(specOf(vm).volumes!.at(1), {
      name: 'web-containerdisk-0',
      containerDisk: { image: 'quay.io/disks/fedora:42' },
    });
    assert.deepEqual(specOf(vm).volumes!.at(-1), { name: 'sysprepdisk', sysprep: { secret: { name: 'answers' } } });
    assert.deepEqual(
      specOf(vm)
        .domain.devices.disks!.map(({ name, bootOrder }) => [name, bootOrder])
        .slice(0, 2),
      [
        ['copy', 1],
        ['web-containerdisk-0', undefined],
      ],
    );
    assert.deepEqual(
      vm.spec.dataVolumeTemplates!.map(({ metadata }) => metadata!.name),
      ['copy', 'web-blank-0', 'empty'],
    );
    assert.deepEqual(vm.spec.dataVolumeTemplates![0]!.spec.source, { pvc: { namespace: 'golden', name: 'fedora' } });
  });

  const imports: [text: string, spec: object][] = [
    [
      'type:http,size:1Gi,url:https://a.org/d.qcow2,secretref:s',
      { http: { url: 'https://a.org/d.qcow2', secretRef: 's' } },
    ],
    ['type:registry,size:1Gi,url:docker://a.org/d', { registry: { url: 'docker://a.org/d' } }],
    [
      'type:s3,size:1Gi,url:https://a.org/b/d,certconfigmap:c',
      { s3: { url: 'https://a.org/b/d', certConfigMap: 'c' } },
    ],
  ];
  for (const [text, source] of imports)
    it(`--volume-import ${text}`, async () => {
      const vm = await made('--name=web', `--volume-import=${text},name:root`);
      assert.deepEqual(vm.spec.dataVolumeTemplates, [
        {
          metadata: { name: 'root' },
          spec: { source, storage: { resources: { requests: { storage: '1Gi' } } } },
        },
      ]);
      assert.deepEqual(specOf(vm).volumes, [{ name: 'root', dataVolume: { name: 'root' } }]);
    });

  it('takes instance type and preference by name, from the boot volume, or from another', async () => {
    const named = await made('--instancetype=u1.small', '--preference=virtualmachinepreference/fedora');
    assert.deepEqual(named.spec.instancetype, { name: 'u1.small' });
    assert.deepEqual(named.spec.preference, { kind: 'virtualmachinepreference', name: 'fedora' });
    assert.equal(specOf(named).domain.memory, undefined);
    const guessed = await made('--volume-pvc=src:root');
    assert.deepEqual(guessed.spec.instancetype, { inferFromVolume: 'root', inferFromVolumeFailurePolicy: 'Ignore' });
    assert.deepEqual(guessed.spec.preference, { inferFromVolume: 'root', inferFromVolumeFailurePolicy: 'Ignore' });
    assert.equal(specOf(guessed).domain.memory!.guest, '512Mi');
    assert.deepEqual(specOf(guessed).domain.devices.disks, [{ name: 'root', disk: {} }]);
    const wanted = await made('--volume-pvc=src:root', '--infer-instancetype', '--infer-preference=false');
    assert.deepEqual(wanted.spec.instancetype, { inferFromVolume: 'root' });
    assert.equal(wanted.spec.preference, undefined);
    assert.equal(specOf(wanted).domain.memory, undefined);
    const from = await made('--volume-pvc=src:a', '--volume-pvc=src:b', '--infer-preference-from=b');
    assert.deepEqual(from.spec.preference, { inferFromVolume: 'b' });
    const image = await made('--volume-containerdisk=src:a:1');
    assert.deepEqual([image.spec.instancetype, image.spec.preference], [undefined, undefined]);
    assert.deepEqual(specOf(image).domain.devices.disks![0]!.disk, { bus: 'virtio' });
  });

  it('makes a user with password and keys, by cloud-init', async () => {
    const file = join(directory, 'password');
    writeFileSync(file, 'geheim: #1\n');
    const vm = await made('--user=me', '--password-file', file, '--ssh-key=ssh-ed25519 AAAA me', '--ga-manage-ssh');
    const [volume] = specOf(vm).volumes!;
    assert.equal(volume!.name, 'cloudinitdisk');
    const { userData = '' } = volume!.cloudInitNoCloud!;
    assert.match(userData, /^#cloud-config\n/);
    assert.deepEqual(parse(userData), {
      user: 'me',
      password: 'geheim: #1',
      chpasswd: { expire: false },
      ssh_authorized_keys: ['ssh-ed25519 AAAA me'],
      runcmd: [['setsebool', '-P', 'virt_qemu_ga_manage_ssh', 'on']],
    });
    const data = Buffer.from('#cloud-config\nhostname: a\n').toString('base64');
    const drive = await made('--cloud-init=configdrive', `--cloud-init-user-data=${data}`);
    assert.deepEqual(specOf(drive).volumes, [
      { name: 'cloudinitdisk', cloudInitConfigDrive: { userDataBase64: data } },
    ]);
  });

  it('takes keys and passwords from Secrets', async () => {
    const vm = await made('--access-cred=src:keys,user:me', '--access-cred=type:password,src:words');
    assert.deepEqual(specOf(vm).accessCredentials, [
      {
        sshPublicKey: {
          source: { secret: { secretName: 'keys' } },
          propagationMethod: { qemuGuestAgent: { users: ['me'] } },
        },
      },
      { userPassword: { source: { secret: { secretName: 'words' } }, propagationMethod: { qemuGuestAgent: {} } } },
    ]);
    assert.equal(specOf(vm).volumes, undefined);
    const drive = await made('--access-cred=src:keys,method:configdrive');
    assert.ok(specOf(drive).volumes![0]!.cloudInitConfigDrive !== undefined);
  });

  const refused: [args: string[], message: RegExp][] = [
    [['--name=No'], /"No" is not a valid name/],
    [['--memory=much'], /invalid --memory "much"/],
    [['--memory=1Gi', '--instancetype=a'], /--memory and --instancetype exclude each other/],
    [['--memory=1Gi', '--volume-pvc=src:a', '--infer-instancetype'], /--memory stands beside an instance type/],
    [['--instancetype=pod/a'], /invalid --instancetype "pod\/a"\nWrite NAME, virtualmachineclusterinstancetype\/NAME/],
    [['--infer-instancetype'], /the volume that the guest boots from has no labels/],
    [['--infer-preference-from=x'], /there is no volume "x"/],
    [['--termination-grace-period=-1'], /invalid --termination-grace-period -1/],
    [['--volume-pvc=a'], /failed to parse "--volume-pvc" flag: "a" is not a key and a value/],
    [['--volume-pvc=scr:a'], /failed to parse "--volume-pvc" flag: "scr" is not known here\nDid you mean src\?/],
    [['--volume-pvc=name:a'], /failed to parse "--volume-pvc" flag: "src" is missing/],
    [['--volume-pvc=src:a,src:b'], /"src" is given twice/],
    [['--volume-pvc=src:a,bootorder:0'], /bootorder is "0"/],
    [['--volume-pvc=src:a,bootorder:1', '--volume-pvc=src:b,bootorder:1'], /bootorder 1 is given to two volumes/],
    [['--volume-pvc=src:a', '--volume-pvc=src:a'], /two volumes are called "a"/],
    [['--volume-import=type:ftp,size:1Gi'], /type is "ftp"\nUse blank, gcs/],
    [['--volume-import=type:toString,size:1Gi'], /type is "tostring"/],
    [['--volume-import=type:blank'], /"size" is missing/],
    [['--volume-import=type:blank,size:big'], /size "big" is not a quantity/],
    [['--volume-import=type:http,size:1Gi'], /"url" is missing/],
    [['--volume-import=type:pvc,src:a'], /src "a" names no namespace/],
    [['--volume-import=type:registry,size:1Gi'], /it takes url or imagestream/],
    [['--volume-sysprep=src:a,type:pvc'], /type is "pvc"\nUse configmap, secret/],
    [['--access-cred=src:a'], /"user" is missing/],
    [['--access-cred=src:a,method:nocloud', '--access-cred=src:b,method:configdrive'], /one drive of cloud-init/],
    [['--cloud-init=none', '--user=me'], /leaves no way for user data/],
    [['--cloud-init-user-data=%%%'], /--cloud-init-user-data is not base64/],
    [['--cloud-init-user-data=YQ==', '--user=me'], /--user and --cloud-init-user-data exclude each other/],
    [['--password-file=/nonexistent'], /cannot read \/nonexistent/],
    [['--run-strategy=Often'], /run-strategy/],
    // What only admission knows.
    [['--volume-containerdisk=src:UPPER CASE'], /admission would refuse it:\n.*image/],
  ];
  for (const [args, message] of refused)
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, out, err } = await create(args);
      assert.notEqual(code, 0);
      assert.equal(out, '');
      assert.match(err, message);
    });

  it('tells what admission would warn of', async () => {
    const { code, err } = await create([`--cloud-init-user-data=${Buffer.from('a: [').toString('base64')}`]);
    assert.equal(code, 0);
    assert.match(err, /^Warning: /);
  });
});
