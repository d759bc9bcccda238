import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { GuestUsageCache } from '../../src/agent/vm/guest-usage-cache.js';
import { CpuRates } from '../../src/agent/vm/cpu-rates.js';
import { LibvirtHypervisor } from '../../src/agent/hypervisor/libvirt-hypervisor.js';
import { PodUsageReader } from '../../src/agent/pod/pod-usage.js';
import type { Measurable, MeasuredVm } from '../../src/agent/vm-metrics/observer.js';
import { vmMetrics } from '../../src/agent/vm-metrics/register.js';
import { resolveClusterConfig } from '../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { connectSocketPath } from '../../src/agent/pod/sockets.js';
import { systemClock } from '../../src/kube/clock.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../integration/support/session-libvirtd.js';
import type { Promised } from './report.js';

/*
 * What it costs the agent to measure VMs: a real QEMU with two disks under a real libvirtd, in cgroups of its own. Each
 * of the VMs has a connection and readers of its own to them, so the agent works as for as many guests.
 */

const VMS = 100;
const RESTING = 50;
const SCRAPES = 15;
/** Prometheus' usual two in a minute, and our own look every 15 s. */
const SCRAPES_PER_MINUTE = 2;
const LOOKS_PER_MINUTE = 4;
const NAME = 'bench_metrics';
const GUEST_SYSTEMS = ['/', '/boot', '/var'];

const XML = (directory: string): string => `<domain type='qemu'><name>${NAME}</name><memory unit='MiB'>128</memory>
<vcpu>2</vcpu><os><type machine='q35'>hvm</type></os><devices><controller type='usb' model='none'/>
${['vda', 'vdb'].map((dev) => `<disk type='file'><driver name='qemu' type='raw'/><source file='${directory}/${dev}'/><target dev='${dev}' bus='virtio'/></disk>`).join('')}
<memballoon model='virtio'><stats period='10'/></memballoon></devices></domain>`;

const cgroupRoot = '/sys/fs/cgroup';
/** Directories for QEMU alone, as the launcher pod's container has; v1 and v2. */
const makeCgroups = (pid: number) => {
  const v1 = existsSync(join(cgroupRoot, 'memory'));
  const made = (v1 ? ['cpu', 'cpuacct', 'memory'] : ['']).map((controller) => {
    const directory = join(cgroupRoot, controller, 'virt-bench-metrics');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'cgroup.procs'), String(pid));
    return directory;
  });
  const [cpu = '', cpuacct = cpu, memory = cpu] = made;
  return { cgroups: { version: v1 ? (1 as const) : (2 as const), cpu, cpuacct, memory }, made };
};

const qemuPid = (): number => {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`guest=${NAME},`);
      } catch {
        return false;
      }
    });
  if (found === undefined) throw new Error('libvirt has started no QEMU');
  return Number(found);
};

const open = async (daemon: SessionLibvirtd): Promise<LibvirtHypervisor> =>
  LibvirtHypervisor.open(
    await connectSocketPath(daemon.directory, ['run', 'libvirt', 'libvirt-sock']),
    NAME,
    () => undefined,
  );

const vmiOf = (index: number): VirtualMachineInstance => ({
  metadata: { namespace: 'default', name: `vm-${index}` },
  spec: {
    domain: {
      memory: { guest: '128Mi' },
      resources: { requests: { memory: '128Mi' } },
      devices: { interfaces: [{ name: 'default', masquerade: {} }] },
    },
    networks: [{ name: 'default', pod: {} }],
  },
});

const guestAgent = (command: string): Promise<unknown> =>
  Promise.resolve({
    return: command.includes('fsinfo')
      ? GUEST_SYSTEMS.map((mountpoint) => ({
          ...{ name: 'vda1', mountpoint, type: 'ext4', 'total-bytes': 1e9, 'used-bytes': 1e8 },
        }))
      : { load1m: 0.1, load5m: 0.1, load15m: 0.1 },
  });

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** The least and the middle of several runs. */
const costOf = async (runs: number, work: () => Promise<unknown>): Promise<{ least: number; middle: number }> => {
  const costs: number[] = [];
  for (let run = 0; run < runs + 3; run += 1) {
    const before = cpuMs();
    await work();
    if (run >= 3) costs.push(cpuMs() - before);
  }
  costs.sort((a, b) => a - b);
  return { least: costs[0] ?? NaN, middle: costs[Math.floor(runs / 2)] ?? NaN };
};

export const benchMetrics = async (): Promise<Promised[]> => {
  const daemon = await startSessionLibvirtd();
  let made: readonly string[] = [];
  const hypervisors: LibvirtHypervisor[] = [];
  try {
    for (const disk of ['vda', 'vdb']) {
      const file = join(daemon.directory, disk);
      execFileSync('truncate', ['--size=16M', file]);
      execFileSync('chown', [String(daemon.uid), file]);
    }
    const first = await open(daemon);
    hypervisors.push(first);
    await first.define(XML(daemon.directory));
    // Paused: what the guest does is not measured.
    await first.start({ paused: true });
    const pid = qemuPid();
    const { cgroups, made: directories } = makeCgroups(pid);
    made = directories;
    const view = await first.observe();
    for (let index = 1; index < VMS; index += 1) hypervisors.push(await open(daemon));
    const vms = hypervisors.map(
      (hypervisor, index): MeasuredVm & { session: Measurable & { cpuSeconds: () => Promise<number | undefined> } } => {
        const reader = new PodUsageReader(pid, cgroups);
        const guest = new GuestUsageCache(systemClock);
        return {
          vmi: vmiOf(index),
          session: {
            domainUsage: () => hypervisor.usage(),
            podUsage: () => Promise.resolve(reader.read()),
            cpuSeconds: () => Promise.resolve(reader.cpuSeconds()),
            guestUsage: () => guest.get({ guestAgent }),
            domain: view,
            cpuLimit: { spread: undefined },
          },
        };
      },
    );
    const scrapeOf = (some: readonly MeasuredVm[]): (() => Promise<string>) => {
      const registry = new Registry();
      const config = resolveClusterConfig(undefined);
      vmMetrics(registry, { node: 'node-1', vms: () => some, config: () => config, clock: systemClock });
      return () => registry.metrics();
    };
    const scrape = scrapeOf(vms);
    const all = await costOf(SCRAPES, scrape);
    const series = (await scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    const resting = vms.slice(0, RESTING);
    const half = await costOf(SCRAPES, scrapeOf(resting));
    const sessions = resting.map(({ session }) => session);
    const look = await costOf(SCRAPES, async () => {
      const rates = new CpuRates(() => sessions, systemClock);
      rates.start();
      await new Promise((resolve) => setImmediate(resolve));
      rates.stop();
    });
    const perMinute = (half.middle * SCRAPES_PER_MINUTE + look.middle * LOOKS_PER_MINUTE) / RESTING;
    process.stdout.write(
      `| what | CPU ms, least | middle of ${SCRAPES} |\n| --- | --- | --- |\n` +
        `| a scrape of ${VMS} VMs (${series} series) | ${all.least.toFixed(0)} | ${all.middle.toFixed(0)} |\n` +
        `| a scrape of ${RESTING} VMs | ${half.least.toFixed(0)} | ${half.middle.toFixed(0)} |\n` +
        `| a look at the CPU of ${RESTING} VMs | ${look.least.toFixed(2)} | ${look.middle.toFixed(2)} |\n` +
        `| measuring a VM for a minute (2 scrapes, 4 looks) | | ${perMinute.toFixed(2)} |\n`,
    );
    return [
      {
        name: `CPU of the agent for a scrape of ${VMS} VMs`,
        limit: '150 ms',
        figure: `${all.least.toFixed(0)} ms`,
        kept: all.least <= 150,
      },
      {
        name: `CPU of the agent for measuring a VM at rest, a minute, with ${RESTING} VMs`,
        limit: '5 ms',
        figure: `${perMinute.toFixed(2)} ms`,
        kept: perMinute <= 5,
      },
    ];
  } finally {
    await hypervisors[0]?.destroy().catch(() => undefined);
    await Promise.all(hypervisors.map((hypervisor) => hypervisor.close().catch(() => undefined)));
    await daemon.stop();
    for (const directory of made) removeCgroup(directory);
  }
};

/** It goes when QEMU has. */
const removeCgroup = (directory: string): void => {
  try {
    rmdirSync(directory);
  } catch {
    process.stderr.write(`${directory} is left: rmdir it\n`);
  }
};
