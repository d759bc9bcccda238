import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Pod } from '../../src/kube/types.js';
import { apply, list, remove } from '../e2e/support/api.js';
import { claimOn, provideVolume, withdrawVolume } from '../e2e/support/claims.js';
import { openGates, untilAdmitted } from '../e2e/support/gates.js';
import { GuestShell } from '../e2e/support/guest.js';
import { kubectl } from '../e2e/support/kubectl.js';
import { instance, makeNamespace, tinySpec, untilGone, untilPhase } from '../e2e/support/machines.js';
import { median } from './network-measures.js';
import type { Promised } from './report.js';

/*
 * A directory by virtiofs beside the pod's own read of it: the same file, from the disk, in turn. On the test bed
 * (npm run cluster -- up).
 */

const NAMESPACE = 'bench-shared-files';
const VOLUME = { name: 'bench-shared-files', mode: 'Filesystem', mebibytes: 400 } as const;
const MEBIBYTES = 128;
const ROUNDS = Number(process.env['ROUNDS'] ?? 6);

/** `time` speaks for itself, after `dd`. */
const READ = (file: string) => `{ time -p dd if=${file} of=/dev/null bs=1M; } 2>&1`;
/** MiB a second, by the seconds that `time -p` says. */
const rateOf = (output: string): number => MEBIBYTES / Number(/real\s+([\d.]+)/.exec(output)?.[1]);

export const benchSharedFiles = async (): Promise<Promised[]> => {
  await makeNamespace(NAMESPACE);
  try {
    await openGates(['EnableVirtioFsStorageVolumes']);
    const directory = await provideVolume(VOLUME);
    await apply(claimOn(VOLUME, NAMESPACE));
    const spec = tinySpec({ terminationGracePeriodSeconds: 0 });
    spec.domain.resources = { requests: { memory: '512Mi' } };
    spec.domain.devices.filesystems = [{ name: 'data', virtiofs: {} }];
    spec.volumes?.push({ name: 'data', persistentVolumeClaim: { claimName: VOLUME.name } });
    await untilAdmitted(instance(NAMESPACE, 'files', spec));
    await untilPhase(NAMESPACE, 'files', 'Running', 360);
    writeFileSync(`${directory}/large`, randomBytes(MEBIBYTES << 20));
    const [pod] = await list<Pod>(NAMESPACE, 'pod');
    const shell = await GuestShell.open(NAMESPACE, 'files');
    await shell.run('mkdir -p /m; mount -t virtiofs data /m');
    const forget = async (): Promise<void> => {
      writeFileSync('/proc/sys/vm/drop_caches', '3');
      await shell.run('echo 3 >/proc/sys/vm/drop_caches');
    };
    const name = pod?.metadata?.name ?? '';
    const inPod = ['-n', NAMESPACE, 'exec', name, '-c', 'virtiofs-data', '--', 'bash', '-c', READ('/shared/large')];
    const [guests, pods]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      await forget();
      guests.push(rateOf(await shell.run(READ('/m/large'), 200)));
      await forget();
      pods.push(rateOf(await kubectl(inPod)));
      process.stdout.write(`  guest ${guests.at(-1)?.toFixed(0) ?? ''}, pod ${pods.at(-1)?.toFixed(0) ?? ''} MiB/s\n`);
    }
    await shell.close();
    const [guest, own] = [median(guests), median(pods)];
    return [
      {
        name: 'a read by virtiofs beside the pod’s own, from the disk',
        limit: '0.6 × as fast',
        figure: `${(guest / own).toFixed(2)} × (${guest.toFixed(0)} and ${own.toFixed(0)} MiB/s)`,
        kept: guest / own >= 0.6,
      },
    ];
  } finally {
    await remove('', 'namespace', NAMESPACE);
    await untilGone('', 'namespace', NAMESPACE, 240);
    await withdrawVolume(VOLUME.name);
  }
};
