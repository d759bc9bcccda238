import { Confinement } from '../../src/agent/pod/confinement.js';
import { firstProcess } from '../../src/agent/pod/pod-process.js';
import { runPlan, withLimits, type Command } from '../../src/agent/workspace/command.js';
import { PodWorkspace } from '../../src/agent/workspace/pod-workspace.js';
import { FakePod } from '../security/support/fake-pod.js';
import type { Promised } from './report.js';

/** Enough for a median that stays within half a millisecond on an idle machine. */
const ROUNDS = 150;
/** The promise. */
const LIMIT_MS = 12;

/**
 * What joining the pod's cgroups adds to a command: the same command, into the same namespaces, with and without, in
 * turns. Needs root.
 */
export const benchConfinement = async (): Promise<Promised[]> => {
  const pod = new FakePod();
  try {
    await pod.start();
    const first = await firstProcess(pod.compute);
    if (first === undefined) throw new Error('the pod has no first process');
    const workspace = new PodWorkspace('vmi', new Confinement(pod.compute, first));
    const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts', '--setgid', '107', '--setuid', '107', '--'];
    const argv = [
      ...['setpriv', '--no-new-privs', 'nsenter', '--target', String(first.pid), ...namespaces],
      ...withLimits(['true'], {}),
    ] as unknown as Command;
    const added: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const without = await took(() => runPlan({ name: 'true', argv }, {}));
      added.push((await took(() => workspace.run(['true']))) - without);
    }
    const median = added.toSorted((a, b) => a - b)[ROUNDS / 2] ?? Infinity;
    return [
      {
        name: 'time that the pod’s cgroups add to a command in a pod (median)',
        limit: `${LIMIT_MS} ms`,
        figure: `${median.toFixed(1)} ms`,
        kept: median <= LIMIT_MS,
      },
    ];
  } finally {
    await pod.stop();
  }
};

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
};
