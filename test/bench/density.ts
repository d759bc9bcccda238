import { admit } from '../../src/admission/admit.js';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { resolveClusterConfig } from '../../src/api/settings/cluster-config.js';
import { memoryOverhead } from '../../src/launcher/overhead.js';
import { buildTinyGuest } from '../../scripts/guests/tiny.js';
import { launcherRoot } from '../integration/support/launcher-root.js';
import { DensityMachine } from './density/machine.js';
import { usageOf, type Usage } from './density/memory.js';
import type { Promised } from './report.js';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * What a VM uses besides its guest's memory, of shapes that differ in one thing each: the launcher image's own libvirt
 * and QEMU, started by its entrypoint, with a real guest. Emulated, for that runs everywhere; what is emulation's alone
 * is told apart.
 */

interface Shape {
  readonly name: string;
  readonly vcpus?: number;
  readonly mib?: number;
  readonly graphics?: boolean;
  readonly disks?: number;
  readonly ioThreads?: number;
  readonly network?: boolean;
  /** UEFI with secure boot, and a TPM. */
  readonly firmware?: boolean;
  /** Overhead by what is used, at most; 1.5 where it is not said. */
  readonly atMost?: number;
  /** Too small for the guest that is used: measured in its boot loader. */
  readonly dead?: boolean;
}

const SHAPES: readonly Shape[] = [
  { name: '1 vCPU, 1 GiB' },
  { name: '64 MiB', mib: 64, dead: true },
  { name: '256 MiB', mib: 256 },
  { name: '4 GiB', mib: 4096 },
  { name: '8 GiB', mib: 8192 },
  { name: '2 vCPUs', vcpus: 2 },
  { name: '4 vCPUs', vcpus: 4 },
  { name: '8 vCPUs', vcpus: 8 },
  { name: 'graphics', graphics: true },
  { name: 'no network', network: false },
  { name: 'UEFI with secure boot, and a TPM', firmware: true, atMost: 1.3 },
  { name: '16 disks', disks: 16 },
  { name: '16 disks, 4 I/O threads', disks: 16, ioThreads: 4 },
  { name: '4 vCPUs, 2 GiB, graphics, 4 disks', vcpus: 4, mib: 2048, graphics: true, disks: 4 },
];

const CONFIG = resolveClusterConfig({
  metadata: {},
  spec: { configuration: { developerConfiguration: { useEmulation: true } } },
});
const KVM_CONFIG = resolveClusterConfig({ metadata: {}, spec: {} });

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const FIRMWARE = { features: { smm: {} }, firmware: { bootloader: { efi: { secureBoot: true } } } };

const instance = (shape: Shape) => {
  const { vcpus = 1, mib = 1024, graphics = false, disks = 1, ioThreads, network, firmware = false } = shape;
  const names = ['root', ...times(disks - 1, (i) => `data${i}`)];
  const object = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'density', namespace: 'bench' },
    spec: {
      domain: {
        cpu: { cores: vcpus },
        memory: { guest: `${mib}Mi` },
        ...(firmware ? FIRMWARE : {}),
        ...(ioThreads === undefined
          ? {}
          : { ioThreadsPolicy: 'supplementalPool', ioThreads: { supplementalPoolThreadCount: ioThreads } }),
        devices: {
          autoattachGraphicsDevice: graphics,
          autoattachPodInterface: false,
          ...(firmware ? { tpm: {} } : {}),
          ...(network === false ? {} : { interfaces: [{ name: 'default', masquerade: {} }] }),
          disks: names.map((name) => ({ name, disk: { bus: 'virtio' } })),
        },
      },
      ...(network === false ? {} : { networks: [{ name: 'default', pod: {} }] }),
      volumes: names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    },
  };
  const request = { kind: 'VirtualMachineInstance', operation: 'CREATE', user: { username: 'bench' } } as const;
  const admitted = admit({ ...request, object }, { config: CONFIG, newUuid: () => crypto.randomUUID() });
  if (admitted.causes.length > 0) throw new Error(JSON.stringify(admitted.causes));
  return admitted.object as VirtualMachineInstance;
};

/** What keeps all of a VM busy: its memory, every disk, every vCPU, its console. */
const load = ({ vcpus = 1, mib = 1024, disks = 1 }: Shape): string =>
  [
    'mkdir -p /t; mount -t tmpfs -o size=90% none /t; ls /dev/vd*',
    `dd if=/dev/zero of=/t/fill bs=1M count=${Math.max(8, Math.floor(mib * 0.75) - 60)} 2>/dev/null`,
    ...times(vcpus, () => '( i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done ) &'),
    ...times(disks, (i) => `( dd if=/dev/vd${String.fromCharCode(97 + i)} of=/dev/null bs=1M 2>/dev/null ) &`),
    ...times(disks - 1, (i) => `( dd if=/dev/zero of=/dev/vd${String.fromCharCode(98 + i)} bs=1M 2>/dev/null ) &`),
    'find / -xdev >/dev/null 2>&1; wait',
  ]
    .join('\n')
    .replaceAll('&\n', '& ')
    .replaceAll('\n', '; ');

/** What a pod needs besides the guest's memory, with emulation's own or without. */
const used = ({ processes, kernel, translations }: Usage, emulation: boolean): number =>
  processes + kernel + (emulation ? translations : 0);

const larger = (one: Usage, other: Usage): Usage => (used(one, true) > used(other, true) ? one : other);

const measure = async (shape: Shape, root: string, image: string): Promise<{ idle: Usage; busy: Usage }> => {
  const machine = new DensityMachine(root, image);
  const guestMib = shape.mib ?? 1024;
  try {
    await machine.start(instance(shape), CONFIG);
    if (shape.dead !== true) await machine.openConsole();
    await sleep(5000);
    const idle = usageOf(machine.pids, guestMib);
    if (shape.dead === true) return { idle, busy: idle };
    let [busy, ended] = [idle, false];
    const running = machine.run(load(shape), 400).finally(() => (ended = true));
    while (!ended) {
      busy = larger(busy, usageOf(machine.pids, guestMib));
      await Promise.race([running, sleep(1000)]);
    }
    await running;
    return { idle, busy: larger(busy, usageOf(machine.pids, guestMib)) };
  } finally {
    await machine.stop();
  }
};

const mib = (value: number): string => value.toFixed(1).padStart(6);
const overheadMib = (shape: Shape, config: typeof CONFIG): number =>
  Number(memoryOverhead(instance(shape), config)) / 1024 / 1024;

const holds = (shape: Shape, most: number, overhead: number, how: string): Promised => {
  const { name, dead, atMost = 1.5 } = shape;
  return {
    name: `overhead of ${name}, ${how}, is above what is used, and at most ${atMost} × that`,
    limit: `${most.toFixed(1)} to ${(most * atMost).toFixed(1)} MiB`,
    figure: `${overhead.toFixed(1)} MiB`,
    // A guest that never ran has used little of what a guest uses.
    kept: overhead >= most && (dead === true || overhead <= most * atMost),
  };
};

export const benchDensity = async (): Promise<Promised[]> => {
  const [root, image] = [await launcherRoot(), await buildTinyGuest(() => undefined)];
  const bootsByEfi = await buildTinyGuest(() => undefined, 'disks');
  const promises: Promised[] = [];
  process.stdout.write('MiB: idle processes kernel guest translations | busy … | overhead emulated, KVM\n');
  for (const shape of SHAPES) {
    if (!new RegExp(process.env['SHAPES'] ?? '').test(shape.name)) continue;
    const { idle, busy } = await measure(shape, root, shape.firmware === true ? bootsByEfi : image);
    const columns = [idle, busy].map((each) =>
      [each.processes, each.kernel, each.guest, each.translations].map(mib).join(''),
    );
    const overhead = overheadMib(shape, CONFIG);
    process.stdout.write(
      `${shape.name.padEnd(36)}${columns.join(' |')} |${mib(overhead)}${mib(overheadMib(shape, KVM_CONFIG))}\n`,
    );
    promises.push(holds(shape, used(busy, true), overhead, 'emulated'));
    promises.push(holds(shape, used(busy, false), overheadMib(shape, KVM_CONFIG), 'without emulation’s part'));
  }
  return promises;
};
