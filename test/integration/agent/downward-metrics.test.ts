import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTinyGuest } from '../../../scripts/guests/tiny.js';
import { DownwardMetrics, wantedMetrics } from '../../../src/agent/downward-metrics/downward-metrics.js';
import { VmProcessReader, type VmProcess } from '../../../src/agent/pod/vm-process.js';
import { HostReader } from '../../../src/agent/downward-metrics/host.js';
import { systemClock } from '../../../src/kube/clock.js';
import { silentLog } from '../../../src/kube/program/log.js';
import { readDisk } from '../../unit/agent/downward-metrics/read-disk.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';
import { AgentLife, KEY, LocalLauncher, OneVmi, scheduledVmi, until } from './harness.js';

/** What the kernel says of the QEMU of a domain. */
const processOf = (domain: string): VmProcess | undefined => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const isIts = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`guest=${domain},`);
    } catch {
      return false;
    }
  };
  // In place of the cgroup of a container, which holds no other process.
  const directory = mkdtempSync(join(tmpdir(), 'virt-process-'));
  try {
    writeFileSync(join(directory, 'cgroup.procs'), `${pids.filter(isIts).join('\n')}\n`);
    return new VmProcessReader(directory).read();
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** A real guest under a real libvirtd reads the disk and asks at the port. */
describe('downward metrics in a guest', function () {
  this.timeout(300_000);
  let daemon: SessionLibvirtd;
  let life: AgentLife | undefined;
  let metrics: DownwardMetrics | undefined;
  let serial: Socket | undefined;
  let image: string;

  before(async function () {
    if (!existsSync('/usr/sbin/libvirtd') || !existsSync('/usr/bin/qemu-system-x86_64')) this.skip();
    image = await buildTinyGuest();
    daemon = await startSessionLibvirtd();
  });
  after(async () => {
    serial?.destroy();
    metrics?.stop();
    await life?.kill();
    await (daemon as SessionLibvirtd | undefined)?.stop();
  });

  it('are on a read-only disk that goes on, and at a port', async () => {
    const { domain } = scheduledVmi().spec;
    const bus = { bus: 'virtio' };
    const disks = ['root', 'metrics'].map((name) => ({ name, disk: bus }));
    const devices = { ...domain.devices, disks, downwardMetrics: {} };
    const volumes = [
      { name: 'root', containerDisk: { image: 'tiny' } },
      { name: 'metrics', downwardMetrics: {} },
    ];
    const api = new OneVmi(
      scheduledVmi({ domain: { ...domain, memory: { guest: '128Mi' }, resources: {}, devices }, volumes }),
    );
    const launcher = new LocalLauncher(daemon, 'default_web', image);
    life = new AgentLife(api, launcher);
    await until('Running', () => api.phase === 'Running', 120);
    const session = life.sessions.get(KEY)!;
    const vm = { key: KEY, session, ...wantedMetrics(api.object!)! };
    metrics = new DownwardMetrics({
      vms: () => [vm],
      host: new HostReader('node-1'),
      clock: systemClock,
      log: silentLog,
    });
    metrics.start();

    // On the node: what real libvirt and /proc say.
    const path = (await launcher.workspace()).paths.downwardMetrics('metrics');
    const text = (): string => readDisk(readFileSync(path)) ?? '';
    await until('metrics', () => text().includes('ResourceProcessorLimit'));
    assert.equal(statSync(path).size, 262_144);
    assert.match(text(), /VirtProductInfo<\/name>\s*<value>QEMU \d+\.\d+\.\d+</);
    assert.match(text(), /context="vm" unit="KiB">\s*<name>ResourceMemoryLimit<\/name>\s*<value>131072</);
    assert.match(text(), /ResourceProcessorLimit<\/name>\s*<value>1</);
    assert.match(text(), /context="vm" unit="s">\s*<name>TotalCPUTime<\/name>\s*<value>0*[1-9.][\d.]*</);

    // The same VM for Prometheus: libvirt's counts and the kernel's are of this guest.
    const { memory, disks: measured } = (await session.domainUsage())!;
    assert.equal(memory.maximum, 128 * 2 ** 20);
    assert.equal(memory.actual, memory.maximum);
    assert.deepEqual(
      measured.map(({ target }) => target),
      ['vda', 'vdb'],
    );
    assert.ok(measured[0]!.readBytes! >= 512 && measured[0]!.readRequests! > 0 && measured[0]!.readSeconds! > 0);
    assert.deepEqual(
      session.domain?.xml.disks.map(({ name }) => name),
      ['root', 'metrics'],
    );
    const seen = processOf('default_web')!;
    assert.equal(seen.vcpus.length, 1);
    assert.ok(seen.vcpus[0]!.seconds > 0.1, 'the guest has booted on it');
    assert.ok(seen.emulatorSeconds > 0);
    // Its page cache aside, QEMU has its guest, what it translates into, and some of its own.
    assert.ok(seen.residentBytes > 30 * 2 ** 20 && seen.residentBytes < 1024 * 2 ** 20, String(seen.residentBytes));

    // In the guest.
    serial = await launcher.console();
    let heard = '';
    serial.on('data', (data: Buffer) => (heard += data.toString('latin1')));
    const type = async (command: string, answer: RegExp, seconds = 60): Promise<RegExpExecArray> => {
      heard = '';
      serial?.write(`${command}\r`);
      await until(command, () => answer.test(heard), seconds).catch((error: unknown) => {
        throw new Error(`${String(error)}; the console said ${JSON.stringify(heard.slice(-500))}`);
      });
      return answer.exec(heard)!;
    };
    await until(
      'the guest',
      async () => {
        serial?.write('\r');
        await new Promise((resolve) => setTimeout(resolve, 500));
        return /# /.test(heard);
      },
      200,
    );
    await type('cat /sys/block/vdb/size /sys/block/vdb/ro | tr "\\n" +', /512\+1\+/);
    await type('head -c 4 /dev/vdb; echo', /mvbd/);
    const time = /Time<\/name>\s*<value>(\d+)</;
    const fresh =
      'dd if=/dev/vdb iflag=direct bs=4096 count=1 2>/dev/null | grep -a -A1 Time | tail -n 1 | tr -d " "; echo end';
    const [, first] = await type(fresh, /<value>(\d+)<\/value>/);
    await until('another pass', () => Number(time.exec(text())?.[1]) > Number(first));
    const [, second] = await type(fresh, /<value>(\d+)<\/value>/);
    assert.ok(Number(second) > Number(first), `${second} after ${first}`);

    const port =
      'p=$(grep -l org.github.vhostmd.1 /sys/class/virtio-ports/*/name); p=/dev/$(basename ${p%/name}); exec 3<>$p';
    await type(`${port}; echo opened $p`, /opened \/dev\/vport\d/);
    await type(
      'printf "GET /metrics/XML\\n\\n" >&3; head -n 3 <&3',
      /<metrics>\s+<metric type="string" context="host">\s+<name>HostName/,
    );
  });
});
