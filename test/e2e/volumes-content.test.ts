import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import type { Volume } from '../../src/api/schema/volumes.js';
import { readDisk } from '../unit/agent/downward-metrics/read-disk.js';
import { openGates, untilAdmitted } from './support/gates.js';
import { GuestShell } from './support/guest.js';
import { apply, get } from './support/api.js';
import { agentFigures, agentSeries, kernelFigures, type Use } from './support/kernel-figures.js';
import { kubectl, plugin, until } from './support/kubectl.js';
import { instance, removeWhole, tinySpec, untilEvent, untilPhase, useNamespace } from './support/machines.js';

/*
 * What a guest finds on disks that are made of files, and of metrics. See docs/reference/user-guides.md §3.10.
 * The tiny guest has all it takes: virtio_blk, virtio_console and isofs; of busybox findfs, mount, find, dd, od,
 * base64.
 */
const MIB = 2 ** 20;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('volumes made of files, seen by the guest', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-content');
  let shell: GuestShell;
  const object = (kind: string, name: string, data: object) =>
    apply({ apiVersion: 'v1', kind, metadata: { name, namespace }, ...data });
  const sources: readonly (Omit<Volume, 'name'> & { readonly name: string })[] = [
    { name: 'conf', configMap: { name: 'app', volumeLabel: 'conf' } },
    { name: 'none', configMap: { name: 'no-such-map', optional: true, volumeLabel: 'none' } },
    { name: 'pass', secret: { secretName: 'app', volumeLabel: 'pass' } },
    { name: 'account', serviceAccount: { serviceAccountName: 'robot' } },
    {
      name: 'info',
      downwardAPI: {
        volumeLabel: 'info',
        fields: [
          { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
          { path: 'deep/namespace', fieldRef: { fieldPath: 'metadata.namespace' } },
        ],
      },
    },
    { name: 'answers', sysprep: { configMap: { name: 'answers' } } },
    {
      name: 'drive',
      cloudInitConfigDrive: { secretRef: { name: 'drive' }, networkDataBase64: base64('{"links":[]}') },
    },
  ];
  /** Mounts the image of a label and gives every file in it with its content. */
  const filesOf = async (label: string): Promise<Record<string, string>> => {
    const list = 'find . -type f | sort | while read -r file; do echo "$file $(base64 "$file" | tr -d "\\n")"; done';
    const output = await shell.run(
      `mkdir -p /m; mount -o ro "$(findfs LABEL=${label})" /m && cd /m && ${list}; cd /; umount /m`,
    );
    const lines = output.split('\n').filter((line) => line !== '');
    return Object.fromEntries(
      lines.map((line) => {
        const [, path = '', content = ''] = /^\.\/(\S+) ?(\S*)$/.exec(line) ?? [];
        assert.notEqual(path, '', line);
        return [path, Buffer.from(content, 'base64').toString()];
      }),
    );
  };

  before(async () => {
    await object('ConfigMap', 'app', {
      data: { 'app.conf': 'a=1\n', '.hidden': 'h' },
      binaryData: { blob: base64('\u0001') },
    });
    await object('ConfigMap', 'answers', { data: { 'Unattend.XML': '<unattend/>' } });
    await object('Secret', 'app', { stringData: { password: 'pa$$ word' } });
    await object('Secret', 'drive', { stringData: { userdata: '#cloud-config\n' } });
    await object('ServiceAccount', 'robot', {});
    const spec = tinySpec({ volumes: [...(tinySpec().volumes ?? []), ...sources] });
    const names = ['root', ...sources.map(({ name }) => name)];
    spec.domain.devices.disks = names.map((name) => ({
      name,
      disk: { bus: 'virtio' },
      ...(name === 'conf' ? { serial: 'CVLY623300HK240D' } : {}),
    }));
    // One of them as a directory too.
    spec.domain.devices.filesystems = [{ name: 'conf', virtiofs: {} }];
    const vmi = instance(namespace, 'files', spec);
    await apply({ ...vmi, metadata: { ...vmi.metadata, labels: { team: 'blue' } } });
    await untilPhase(namespace, 'files', 'Running', 360);
    shell = await GuestShell.open(namespace, 'files', 240);
  });
  after(() => (shell as GuestShell | undefined)?.close());

  it('are read-only disks in the order of the spec, small, and with their serial number', async () => {
    assert.equal(await shell.run('cat /sys/block/vdb/serial'), 'CVLY623300HK240D');
    for (const letter of ['b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      assert.equal(await shell.run(`cat /sys/block/vd${letter}/ro`), '1');
      const bytes = Number(await shell.run(`cat /sys/block/vd${letter}/size`)) * 512;
      assert.ok(bytes > 0 && bytes < MIB, `vd${letter}: ${bytes} bytes`);
    }
    for (const [label, device] of [
      ['conf', 'vdb'],
      ['none', 'vdc'],
      ['pass', 'vdd'],
      ['cfgdata', 'vde'],
      ['info', 'vdf'],
      ['unattendCD', 'vdg'],
      ['config-2', 'vdh'],
    ])
      // prettier-ignore
      assert.equal(await shell.run(`findfs LABEL=${label}`), `/dev/${device}`);
    assert.match(await shell.run('echo x >/dev/vdb'), /not permitted|denied|Read-only|error/i);
  });

  it('hold ConfigMaps and Secrets, and nothing where an optional one does not exist', async () => {
    assert.deepEqual(await filesOf('conf'), { 'app.conf': 'a=1\n', '.hidden': 'h', blob: '\u0001' });
    assert.deepEqual(await filesOf('none'), {});
    assert.deepEqual(await filesOf('pass'), { password: 'pa$$ word' });
  });

  it('hold fields of the pod, Windows’ answers and a config drive', async () => {
    const info = await filesOf('info');
    assert.deepEqual(Object.keys(info).sort(), ['deep/namespace', 'labels']);
    assert.equal(info['deep/namespace'], namespace);
    assert.match(info['labels'] ?? '', /^team="blue"$/m);
    assert.deepEqual(await filesOf('unattendCD'), { 'Unattend.XML': '<unattend/>' });
    const drive = await filesOf('config-2');
    assert.equal(drive['openstack/latest/user_data'], '#cloud-config\n');
    assert.equal(drive['openstack/latest/network_data.json'], '{"links":[]}');
    const vmi = await get<VirtualMachineInstance>(namespace, 'vmi', 'files');
    assert.deepEqual(JSON.parse(drive['openstack/latest/meta_data.json'] ?? ''), {
      instance_id: `files.${namespace}`,
      hostname: 'files',
      uuid: vmi?.spec.domain.firmware?.uuid,
    });
  });

  it('hold a token that the API server knows as the account’s', async () => {
    const files = await filesOf('cfgdata');
    assert.equal(files['namespace'], namespace);
    assert.match(files['ca.crt'] ?? '', /BEGIN CERTIFICATE/);
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: files['token'] } };
    const answer = await kubectl(['create', '-o', 'json', '-f', '-'], JSON.stringify(review));
    const { status } = JSON.parse(answer) as { status: { authenticated?: boolean; user?: { username?: string } } };
    assert.equal(status.authenticated, true);
    assert.equal(status.user?.username, `system:serviceaccount:${namespace}:robot`);
  });

  it('are a directory that nobody writes where they are shared', async () => {
    await shell.run('mkdir -p /shared; mount -t virtiofs conf /shared');
    assert.equal(
      await shell.run('cat /shared/app.conf; ls -A /shared | grep -v ^[.][.]'),
      'a=1\n.hidden\napp.conf\nblob',
    );
    assert.match(await shell.run('echo x >/shared/app.conf; echo x >/shared/new'), /Read-only file system/);
  });

  it('stay as they were when the ConfigMap changes', async () => {
    await object('ConfigMap', 'app', { data: { 'app.conf': 'a=2\n' } });
    assert.equal((await filesOf('conf'))['app.conf'], 'a=1\n');
  });

  it('refuse to start Windows without answers, and say so', async () => {
    await object('ConfigMap', 'wrong', { data: { 'answers.xml': '' } });
    const volumes = [...(tinySpec().volumes ?? []), { name: 'answers', sysprep: { configMap: { name: 'wrong' } } }];
    const spec = tinySpec({ volumes });
    spec.domain.devices.disks = ['root', 'answers'].map((name) => ({ name, disk: { bus: 'virtio' } }));
    await apply(instance(namespace, 'windows', spec));
    assert.match(
      await untilEvent(namespace, 'windows', 'SyncFailed', 240),
      /ConfigMap wrong has neither key autounattend/,
    );
    await removeWhole(namespace, 'vmi', ['windows'], 90);
  });
});

describe('downward metrics, seen by the guest', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-metrics');
  let shell: GuestShell;

  before(async () => {
    await openGates(['DownwardMetrics']);
    const spec = tinySpec({ volumes: [...(tinySpec().volumes ?? []), { name: 'metrics', downwardMetrics: {} }] });
    spec.domain.devices.disks = ['root', 'metrics'].map((name) => ({ name, disk: { bus: 'virtio' } }));
    spec.domain.devices.downwardMetrics = {};
    await untilAdmitted(instance(namespace, 'metrics', spec));
    await untilPhase(namespace, 'metrics', 'Running', 360);
    shell = await GuestShell.open(namespace, 'metrics', 240);
  });
  after(() => (shell as GuestShell | undefined)?.close());

  /** The disk as the guest reads it, past its cache; a reader tries again where it finds a write going on. */
  const read = async (): Promise<string> => {
    for (let left = 5; left > 0; left -= 1) {
      const text = await shell.run('dd if=/dev/vdb iflag=direct bs=8192 count=1 2>/dev/null | base64');
      const disk = Buffer.concat([Buffer.from(text, 'base64'), Buffer.alloc(262_144 - 8192)]);
      const body = readDisk(disk);
      if (body?.includes('HostName')) return body;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    throw new Error('no valid metrics on the disk');
  };
  const valueOf = (xml: string, context: string, name: string): string | undefined =>
    new RegExp(`context="${context}"[^>]*>\\s*<name>${name}</name>\\s*<value>([^<]*)<`).exec(xml)?.[1];

  it('are a read-only disk of 256 KiB whose signature and checksum are right', async () => {
    assert.equal(await shell.run('cat /sys/block/vdb/size /sys/block/vdb/ro | tr "\\n" " "'), '512 1');
    const xml = await read();
    const vmi = await get<VirtualMachineInstance>(namespace, 'vmi', 'metrics');
    assert.equal(valueOf(xml, 'host', 'HostName'), vmi?.status?.nodeName);
    assert.equal(valueOf(xml, 'host', 'VirtualizationVendor'), 'kubevirt.io');
    assert.ok(Number(valueOf(xml, 'host', 'FreePhysicalMemory')) > 0);
    assert.equal(valueOf(xml, 'vm', 'ResourceMemoryLimit'), String(128 * 1024));
    assert.equal(valueOf(xml, 'vm', 'ResourceProcessorLimit'), '1');
  });

  it('go on while the VM runs', async () => {
    const first = await read();
    const time = (xml: string): number => Number(valueOf(xml, 'host', 'Time'));
    const second = await until('another pass', async () => {
      const now = await read();
      return time(now) >= time(first) + 5 && now;
    });
    assert.ok(Number(valueOf(second, 'vm', 'TotalCPUTime')) >= Number(valueOf(first, 'vm', 'TotalCPUTime')));
  });

  it('are for Prometheus what the kernel counts, ± 5 %, and for kubectl virt top', async () => {
    // The kernel is asked on both sides of the agent: other tests' guests use seconds while the agent answers.
    const look = async () => {
      const early = kernelFigures();
      return { early, agent: agentFigures(await agentSeries()), late: kernelFigures() };
    };
    const before = await look();
    await shell.run('timeout 8 sh -c "while :; do :; done"; true');
    const after = await look();
    // Those of other tests come and go.
    const domains = [...before.early.keys()].filter((domain) =>
      [before.late, before.agent, after.early, after.agent, after.late].every((figures) => figures.has(domain)),
    );
    assert.ok(domains.includes(`${namespace}_metrics`), domains.join());
    const total = (figures: ReadonlyMap<string, Use>, figure: keyof Use): number =>
      domains.reduce((sum, domain) => sum + (figures.get(domain)?.[figure] ?? NaN), 0);
    const within = (what: string, agent: number, [one, other]: readonly [number, number]): void => {
      const [least, most] = [Math.min(one, other) * 0.95, Math.max(one, other) * 1.05];
      assert.ok(least > 0 && agent >= least && agent <= most, `${what}: kernel ${one} to ${other}, agent ${agent}`);
    };
    const cpu = (from: ReadonlyMap<string, Use>, to: ReadonlyMap<string, Use>): number =>
      total(to, 'cpuSeconds') - total(from, 'cpuSeconds');
    within('CPU seconds', cpu(before.agent, after.agent), [
      cpu(before.late, after.early),
      cpu(before.early, after.late),
    ]);
    assert.ok(cpu(before.late, after.early) > 1);
    const resident = (figures: ReadonlyMap<string, Use>): number => total(figures, 'residentBytes');
    within('resident bytes', resident(after.agent), [resident(after.early), resident(after.late)]);

    const series = [...(await agentSeries())].filter(([name]) => name.includes(`namespace="${namespace}"`));
    const value = (pattern: RegExp): number => series.find(([name]) => pattern.test(name))?.[1] ?? NaN;
    assert.equal(value(/^kubevirt_vmi_memory_domain_bytes/), 128 * 2 ** 20);
    assert.ok(value(/^kubevirt_vmi_vcpu_seconds_total.*id="0",state="running"/) > 1);
    assert.ok(value(/^kubevirt_vmi_storage_read_traffic_bytes_total.*drive="root"/) > 0);
    assert.ok(value(/^kubevirt_vmi_network_receive_bytes_total.*interface="default"/) >= 0);
    assert.ok(value(/^kubevirt_vmi_memory_usable_bytes/) > 0, 'the guest’s balloon driver has said it');
    const { stdout, stderr, code } = await plugin(['top', 'vm', 'metrics', '-n', namespace]);
    assert.equal(code, 0, stderr);
    const mebibytes = Number(/^metrics +\d+m +\d+% +(\d+)Mi +\d+Mi +\d+% +\S+$/m.exec(stdout)?.[1]);
    const own = (after.late.get(`${namespace}_metrics`)?.residentBytes ?? NaN) / 2 ** 20;
    assert.ok(Math.abs(mebibytes - own) <= own * 0.05 + 1, `${stdout}: ${own}`);
  });

  it('are answered at the port', async () => {
    const find =
      'p=$(grep -l org.github.vhostmd.1 /sys/class/virtio-ports/*/name); p=${p%/name}; exec 3<>/dev/${p##*/}';
    const ask = (request: string, lines: number) => shell.run(`printf "${request}" >&3; head -n ${lines} <&3`);
    await shell.run(find);
    const answer = await ask('GET /metrics/XML\\n\\n', 4);
    assert.match(answer, /^<metrics>\n {2}<metric type="string" context="host">\n {4}<name>HostName<\/name>/);
  });
});
