import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { ctr } from '../cluster/ctr.js';
import { needsTestBed } from './support/bed.js';
import { ConsoleSession } from './support/console.js';
import { apply, get, list } from './support/api.js';
import { kubectl, type Outcome, plugin, run, until } from './support/kubectl.js';
import {
  instance,
  type InstanceSpec,
  machine,
  removeWhole,
  TINY_GUEST,
  tinySpec,
  untilEvent,
  untilPhase,
  useNamespace,
} from './support/machines.js';
import { provideImage, testImage } from './support/images.js';
import { upgradeStatus } from './support/upgrade.js';

type Any = Record<string, unknown>;
/** A spec that is about to be made wrong, in ways that its type does not allow. */
interface LooseSpec {
  domain: { devices: Any & { disks: Any[] }; resources?: Any } & Any;
  volumes: Any[];
}
const looseSpec = (): LooseSpec => structuredClone(tinySpec()) as unknown as LooseSpec;

interface WrongSpec {
  readonly title: string;
  readonly change: (spec: LooseSpec) => void;
  /** What the message must say, besides the place in the object: value and remedy. */
  readonly field: string;
  readonly says: readonly RegExp[];
}

const WRONG: readonly WrongSpec[] = [
  {
    title: 'a floppy',
    change: ({ domain }) => (domain.devices.disks = [{ name: 'root', floppy: {} }]),
    field: 'domain.devices.disks[0].floppy',
    says: [/no longer supported/, /write "cdrom: \{\}" or "disk: \{\}"/],
  },
  {
    title: 'blockMultiQueue without a CPU request or limit',
    change: ({ domain }) => (domain.devices['blockMultiQueue'] = true),
    field: 'domain.devices.blockMultiQueue',
    says: [/true/, /requests\.cpu or limits\.cpu/],
  },
  {
    title: 'a lun on a containerDisk',
    change: ({ domain }) => (domain.devices.disks = [{ name: 'root', lun: {} }]),
    field: 'domain.devices.disks[0].lun',
    says: [/containerDisk/, /use a persistentVolumeClaim or dataVolume, or write "disk: \{\}"/],
  },
  {
    title: 'a disk without its volume',
    change: ({ domain }) => domain.devices.disks.push({ name: 'data', disk: {} }),
    field: 'domain.devices.disks[1].name',
    says: [/"data"/, /add one to volumes/],
  },
  {
    title: 'two disks of one name',
    change: ({ domain }) => domain.devices.disks.push({ name: 'root', disk: {} }),
    field: 'domain.devices.disks[1].name',
    says: [/"root"/, /own name/],
  },
  {
    title: 'two volumes of one name',
    change: ({ volumes }) => volumes.push({ ...volumes[0] }),
    field: 'volumes[1].name',
    says: [/"root"/, /own name/],
  },
  {
    title: 'a volume with two sources',
    change: ({ volumes }) => Object.assign(volumes[0] ?? {}, { emptyDisk: { capacity: '1Gi' } }),
    field: 'volumes[0]',
    says: [/containerDisk, emptyDisk/, /keep one/],
  },
  {
    title: 'no memory',
    change: ({ domain }) => delete domain.resources,
    field: 'domain.memory.guest',
    says: [/spec\.domain\.memory\.guest: is missing, and no request says it either/, /"1Gi"/],
  },
  {
    title: 'a field that is not acted on yet',
    change: ({ domain }) => (domain.devices['gpus'] = [{ name: 'g', deviceName: 'nvidia.com/GV100' }]),
    field: 'domain.devices.gpus',
    says: [/does not act on this field yet/, /remove it/],
  },
];

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const create = (object: object, flags: readonly string[] = []): Promise<Outcome> =>
  run('kubectl', ['create', ...flags, '-f', '-'], JSON.stringify(object));

describe('bad input', function () {
  const namespace = useNamespace('e2e-bad-input');

  describe('wrong manifests at apply', function () {
    this.timeout(900_000);
    const assertRefused = ({ code, stderr, stdout }: Outcome, field: string, says: readonly RegExp[]): void => {
      assert.equal(code, 1, `was admitted: ${stdout}`);
      assert.match(stderr, new RegExp(`${literally(field)}: `), 'names the field');
      for (const pattern of says) assert.match(stderr, pattern);
    };

    for (const { title, change, field, says } of WRONG) {
      it(`refuses ${title}, in a VMI and in a VM's template`, async () => {
        const spec = looseSpec();
        change(spec);
        const wrong = spec as unknown as InstanceSpec;
        assertRefused(await create(instance(namespace, 'wrong', wrong)), `spec.${field}`, says);
        const vm = machine(namespace, 'wrong', { runStrategy: 'Halted' }, wrong);
        assertRefused(await create(vm), `spec.template.spec.${field}`, says);
      });
    }

    it('refuses a field that is not in the API, and one of a wrong type', async () => {
      const unknown = looseSpec();
      unknown.domain.devices['diskz'] = [];
      const { code, stderr } = await create(instance(namespace, 'wrong', unknown as unknown as InstanceSpec));
      assert.equal(code, 1);
      // kubectl sees it by the schema that our CRD publishes, or from 1.25 on the API server: each with its own words.
      for (const says of [/unknown field/, /diskz/, /spec\.domain\.devices/]) assert.match(stderr, says);
      const wrongType = { ...looseSpec(), terminationGracePeriodSeconds: 'soon' } as unknown as InstanceSpec;
      const { code: second, stderr: message } = await create(instance(namespace, 'wrong', wrongType), [
        '--validate=false',
      ]);
      assert.equal(second, 1);
      assert.match(message, /spec\.terminationGracePeriodSeconds.*"soon".*whole number/);
    });

    it('refuses a VM with running and runStrategy, and one with neither', async () => {
      const both = machine(namespace, 'wrong', { running: true, runStrategy: 'Always' });
      assertRefused(await create(both), 'spec.running', [/runStrategy/, /remove running/]);
      assertRefused(await create(machine(namespace, 'wrong', {})), 'spec.runStrategy', [/missing/, /Always, Halted/]);
    });

    it('lists all causes of one object at once', async () => {
      const spec = looseSpec();
      for (const { change, title } of WRONG) if (!/name|sources|floppy/.test(title)) change(spec);
      const { code, stderr } = await create(
        machine(namespace, 'wrong', { runStrategy: 'Halted' }, spec as unknown as InstanceSpec),
      );
      assert.equal(code, 1);
      for (const field of ['devices.gpus', 'memory.guest', 'devices.disks[1].name', 'devices.disks[0].lun']) {
        assert.match(stderr, new RegExp(`\\* spec\\.template\\.spec\\.domain\\.${literally(field)}: `));
      }
    });

    it('says the same to kubectl --dry-run=server, and stores nothing then', async () => {
      const spec = looseSpec();
      WRONG[0]?.change(spec);
      const wrong = instance(namespace, 'dry', spec as unknown as InstanceSpec);
      assertRefused(await create(wrong, ['--dry-run=server']), 'spec.domain.devices.disks[0].floppy', []);
      const right = await create(instance(namespace, 'dry'), ['--dry-run=server', '-o', 'json']);
      assert.equal(right.code, 0, right.stderr);
      const shown = JSON.parse(right.stdout) as VirtualMachineInstance;
      assert.ok(shown.spec.domain.machine?.type, 'a dry run shows the defaults');
      assert.equal(await get(namespace, 'vmi', 'dry'), undefined);
    });

    it('refuses an edit that makes a good VM wrong, and keeps the good one', async () => {
      await apply(machine(namespace, 'edited', { runStrategy: 'Halted' }));
      const patch = [{ op: 'add', path: '/spec/template/spec/domain/devices/disks/-', value: { name: 'x', disk: {} } }];
      const args = ['-n', namespace, 'patch', 'vm', 'edited', '--type=json', '-p', JSON.stringify(patch)];
      const outcome = await run('kubectl', args);
      assertRefused(outcome, 'spec.template.spec.domain.devices.disks[1].name', [/"x"/]);
      const kept = await get<VirtualMachine>(namespace, 'vm', 'edited');
      assert.equal(kept?.spec.template.spec?.domain.devices.disks?.length, 1);
    });
  });

  const QCOW2_TRUNCATED = Buffer.concat([
    Buffer.from('QFI\xfb', 'latin1'),
    Buffer.from([0, 0, 0, 3]),
    Buffer.alloc(24),
  ]);

  const qcow2WithBackingFile = (): Buffer => {
    const directory = mkdtempSync(path.join(tmpdir(), 'kubectl-virt-backing-'));
    try {
      const file = path.join(directory, 'disk.qcow2');
      const base = ['-u', '-b', '/etc/passwd', '-F', 'raw'];
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...base, file, '1M']);
      return readFileSync(file);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };

  const withImage = (image: string): InstanceSpec =>
    tinySpec({ volumes: [{ name: 'root', containerDisk: { image, imagePullPolicy: 'IfNotPresent' } }] });

  describe('wrong images', function () {
    this.timeout(900_000);
    const FULL = 'x'.repeat(512);
    const CASES = [
      { name: 'no-directory', files: [{ path: 'readme', content: 'no disk' }], says: /no directory \/disk/ },
      {
        name: 'two-disks',
        files: [
          { path: 'disk/a.img', content: FULL },
          { path: 'disk/b.img', content: FULL },
        ],
        says: /2 files in \/disk \(a\.img, b\.img\).*containerDisk\.path/,
      },
      {
        name: 'unreadable',
        files: [{ path: 'disk/disk.img', content: FULL, mode: 0o400 }],
        owner: '0:0',
        says: /\/disk\/disk\.img in the image cannot be read.*uid 107/,
      },
      {
        name: 'garbage',
        files: [{ path: 'disk/disk.qcow2', content: QCOW2_TRUNCATED }],
        says: /invalid disk image \/disk\/disk\.qcow2: (?!.*proc)/,
      },
      {
        name: 'backing-file',
        files: [{ path: 'disk/disk.qcow2', content: qcow2WithBackingFile() }],
        says: /backing file \/etc\/passwd; flatten it/,
      },
    ];

    before('images', async function () {
      needsTestBed(this, 'wrong images cannot be put onto the nodes');
      for (const { name, files, owner } of CASES) await provideImage(name, files, owner);
      await Promise.all(CASES.map(({ name }) => apply(instance(namespace, name, withImage(testImage(name))))));
      await apply(machine(namespace, 'never', { runStrategy: 'Always' }, withImage(testImage('never'))));
    });

    for (const { name, says } of CASES) {
      it(`tells what is wrong with image ${name}: VMI Failed, its reason, an event`, async () => {
        await untilPhase(namespace, name, 'Failed');
        const vmi = await get<VirtualMachineInstance>(namespace, 'vmi', name);
        assert.match(vmi?.status?.reason ?? '', says);
        assert.match(vmi?.status?.reason ?? '', /^volume root: /, 'names the volume');
        assert.match(await untilEvent(namespace, name, 'SyncFailed'), says);
        // A pod whose guest never started must not stay.
        await until(
          'its pod has ended',
          async () => {
            const pods = await list<{ status: { phase: string } }>(
              namespace,
              'pod',
              `kubevirt.io/created-by=${vmi?.metadata?.uid ?? ''}`,
            );
            return pods.every(({ status }) => status.phase !== 'Running' && status.phase !== 'Pending');
          },
          // The agent ends it; the controller would after 30 s.
          { namespace, seconds: 300 },
        );
      });
    }

    it('shows ErrImagePull for an image that cannot be pulled, and starts by itself once it can', async () => {
      const image = testImage('late');
      const name = image;
      await ctr(['images', 'remove', name]);
      await apply(machine(namespace, 'late', { runStrategy: 'Always' }, withImage(image)));
      const status = async () => (await get<VirtualMachine>(namespace, 'vm', 'late'))?.status;
      await until(
        'printableStatus',
        async () => /^(ErrImagePull|ImagePullBackOff)$/.test((await status())?.printableStatus ?? ''),
        { namespace },
      );
      const synchronized = (await status())?.conditions?.find(({ type }) => type === 'Synchronized');
      assert.equal(synchronized?.status, 'False');
      assert.match(synchronized.message ?? '', /kubectl-virt\/test-late/, 'the condition names the image');
      await ctr(['images', 'tag', TINY_GUEST, name]);
      await untilPhase(namespace, 'late', 'Running');
      await until('no word of it is left', async () => (await status())?.printableStatus === 'Running', { namespace });
      const left = (await status())?.conditions?.find(({ type }) => type === 'Synchronized');
      assert.notEqual(left?.status, 'False');
      await ctr(['images', 'remove', name]);
    });

    it('lets go of a VM whose image never comes', async () => {
      await until('a pod', async () => (await list(namespace, 'pod', 'vm.kubevirt.io/name=never')).length === 1, {
        namespace,
      });
      await removeWhole(namespace, 'vm', ['never'], 90);
      assert.deepEqual(await list(namespace, 'pod', 'vm.kubevirt.io/name=never'), []);
    });
  });

  describe('requests that do not fit the state of a VM', function () {
    this.timeout(900_000);
    const virt = (...args: string[]): Promise<Outcome> => plugin([...args, '-n', namespace]);
    const refused = ({ code, stderr, stdout }: Outcome, ...says: readonly RegExp[]): void => {
      assert.equal(code, 1, stdout);
      for (const pattern of says) assert.match(stderr, pattern);
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
    };
    const consolePath = (name: string): string =>
      `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${name}/console`;

    before('one stopped VM, one that runs', async () => {
      await apply(machine(namespace, 'stopped', { runStrategy: 'Manual' }));
      await apply(machine(namespace, 'running', { runStrategy: 'Always' }));
      await untilPhase(namespace, 'running', 'Running');
    });

    it('console to a stopped VM waits as long as it is told, then says that nothing runs', async () => {
      const started = Date.now();
      const outcome = await virt('console', 'stopped', '--timeout=2s');
      refused(outcome, /VirtualMachine stopped is stopped/, /kubectl virt start stopped/);
      assert.ok(Date.now() - started < 20_000);
      assert.equal(await upgradeStatus(consolePath('stopped')), 404);
    });

    it('console to an unknown VM says so at once', async () => {
      refused(await virt('console', 'nosuch', '--timeout=2s'), /nosuch/, /not found|does not exist|no /i);
      assert.equal(await upgradeStatus(consolePath('nosuch')), 404);
    });

    it('console to a VM that the user has no right to is a 403 that names user and resource', async () => {
      const started = Date.now();
      const outcome = await virt('console', 'running', '--as=jane');
      refused(outcome, /jane/, /cannot|forbidden/i, /virtualmachineinstances\/console/);
      assert.ok(Date.now() - started < 20_000, 'it is not worth waiting');
      assert.equal(await upgradeStatus(consolePath('running'), 'jane'), 403);
      refused(await virt('stop', 'running', '--as=jane'), /jane/, /virtualmachines\/stop/);
      assert.equal(
        (await get<VirtualMachineInstance>(namespace, 'vmi', 'running'))?.metadata?.deletionTimestamp,
        undefined,
      );
    });

    it('a second console takes over, and the first is told why', async () => {
      const first = new ConsoleSession(namespace, 'running');
      let second: ConsoleSession | undefined;
      try {
        await first.shell();
        second = new ConsoleSession(namespace, 'running');
        second.type('\r');
        await second.shell(20);
        assert.equal(await first.ended(240), 1);
        assert.match(first.errors, /another user connected to the console of running/);
        second.type('echo still-$((1+1))\r');
        await second.expect(/still-2/, 240);
      } finally {
        await Promise.all([first.close(), second?.close()]);
      }
    });

    it('stop on a stopped VM, start on a running one, pause of a stopped one: 409 or 404 with the reason', async () => {
      refused(await virt('stop', 'stopped'), /VM is not running/);
      refused(await virt('start', 'running'), /VM is already running/);
      refused(await virt('restart', 'stopped'), /VM is not running/);
      refused(await virt('pause', 'vm/stopped'), /stopped/);
      refused(await virt('pause', 'vmi/stopped'), /stopped/, /not found/);
      refused(await virt('unpause', 'vmi/running'), /not paused/);
      refused(await virt('start', 'nosuch'), /nosuch/, /not found/);
      const body = await kubectl(['-n', namespace, 'get', 'vm', 'stopped', '-o', 'jsonpath={.status.printableStatus}']);
      assert.equal(body, 'Stopped');
    });

    it('pausing twice is refused the second time', async () => {
      assert.equal((await virt('pause', 'vmi/running')).code, 0);
      await until(
        'paused',
        async () => (await get<VirtualMachine>(namespace, 'vm', 'running'))?.status?.printableStatus === 'Paused',
        { namespace },
      );
      refused(await virt('pause', 'vmi/running'), /already paused/);
      assert.equal((await virt('unpause', 'vmi/running')).code, 0);
    });
  });

  interface Pod {
    readonly metadata: { readonly name: string };
    readonly status: { readonly podIP?: string };
  }

  describe('requests past the API server', function () {
    this.timeout(120_000);
    const HEADERS = { 'X-Remote-User': 'system:admin', 'X-Remote-Group': 'system:masters' };
    const PATH = '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/x/start';

    const ask = (
      method: string,
      url: string,
      path: string,
      certificate: https.RequestOptions,
    ): Promise<[number, string]> =>
      new Promise((resolve, reject) => {
        const options = { method, headers: HEADERS, rejectUnauthorized: false, ...certificate };
        const request = https.request(`${url}${path}`, options, (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => (body += text));
          response.on('end', () => resolve([response.statusCode ?? 0, body]));
        });
        request.on('error', reject).end();
      });

    /** A certificate with the front proxy's name, signed by nobody. */
    const forged = (): https.RequestOptions => {
      const directory = mkdtempSync(path.join(tmpdir(), 'kubectl-virt-forged-'));
      try {
        const key = path.join(directory, 'key.pem');
        const certificate = path.join(directory, 'cert.pem');
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
        execFileSync('sh', ['-c', 'umask 077; cat >"$1"', 'sh', key], { input: pem });
        execFileSync('openssl', [
          ...[
            'req',
            '-new',
            '-x509',
            '-key',
            key,
            '-out',
            certificate,
            '-days',
            '1',
            '-subj',
            '/CN=front-proxy-client',
          ],
        ]);
        return { key: pem, cert: readFileSync(certificate) };
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    };

    it('with forged X-Remote-User headers are answered with 401, whatever certificate comes with them', async function () {
      needsTestBed(this, 'pods are not reachable from here');
      const [pod] = await list<Pod>('kubevirt', 'pod', 'kubevirt.io=virt-webhook');
      const url = `https://${pod?.status.podIP ?? ''}:8443`;
      for (const certificate of [{}, forged()]) {
        for (const [method, path] of [
          ['PUT', PATH],
          ['GET', '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/x/console'],
        ] as const) {
          const [code, body] = await ask(method, url, path, certificate);
          assert.equal(code, 401, body);
          assert.equal((JSON.parse(body) as { reason?: string }).reason, 'Unauthorized');
        }
      }
    });
  });
});
