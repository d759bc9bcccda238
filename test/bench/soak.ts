import { setTimeout as sleep } from 'node:timers/promises';
import { apply, remove } from '../e2e/support/api.js';
import { podsOf } from '../e2e/support/faults.js';
import { instance, makeNamespace, removeWhole, tinySpec, untilPhase } from '../e2e/support/machines.js';
import { scrape } from '../support/program-metrics.js';
import type { Promised } from './report.js';

/*
 * VMs started and stopped, five at a time, on the cluster that KUBECONFIG names (npm run cluster -- up), with a look at
 * the agent after each five: memory, descriptors and timers must be level once it is warm.
 */

const STARTS = Number(process.env['SOAK_STARTS'] ?? 200);
const AT_A_TIME = 5;
/** The first of these fill caches, code and V8's heap. */
const WARM_UP = Math.min(50, STARTS / 4);
/** The garbage of the last guests is collected, and their timers have ended. */
const SETTLE_MS = 3_000;
const NAMESPACE = 'bench-soak';

interface Look {
  readonly starts: number;
  readonly mib: number;
  readonly descriptors: number;
  readonly timers: number;
}

const look = async (address: string, starts: number): Promise<Look> => {
  const metrics = await scrape(address);
  return {
    starts,
    mib: (metrics.get('process_resident_memory_bytes') ?? NaN) / 2 ** 20,
    descriptors: metrics.get('process_open_fds') ?? NaN,
    timers: metrics.get('nodejs_active_resources{type="Timeout"}') ?? 0,
  };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** MiB for each VM by least squares, with its standard error: garbage not yet collected is noise of some MiB. */
const slopeOf = (
  points: readonly Pick<Look, 'starts' | 'mib'>[],
): { readonly slope: number; readonly error: number } => {
  const [x, y] = [mean(points.map(({ starts }) => starts)), mean(points.map(({ mib }) => mib))];
  const over = points.reduce((sum, { starts }) => sum + (starts - x) ** 2, 0);
  const slope = points.reduce((sum, { starts, mib }) => sum + (starts - x) * (mib - y), 0) / over;
  const rest = points.reduce((sum, { starts, mib }) => sum + (mib - y - slope * (starts - x)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / (points.length - 2) / over) };
};

const startAndStop = async (): Promise<void> => {
  const names = Array.from({ length: AT_A_TIME }, (_, index) => `soak-${index}`);
  const spec = tinySpec({ terminationGracePeriodSeconds: 0 });
  await Promise.all(names.map((name) => apply(instance(NAMESPACE, name, spec))));
  await Promise.all(names.map((name) => untilPhase(NAMESPACE, name, 'Running')));
  await removeWhole(NAMESPACE, 'vmi', names);
};

export const benchSoak = async (): Promise<Promised[]> => {
  await makeNamespace(NAMESPACE);
  const [agent] = await podsOf('virt-agent');
  const address = `http://${agent?.status.podIP ?? ''}:8080`;
  const looks: Look[] = [];
  try {
    for (let starts = AT_A_TIME; starts <= STARTS; starts += AT_A_TIME) {
      await startAndStop();
      await sleep(SETTLE_MS);
      const now = await look(address, starts);
      if (starts > WARM_UP) looks.push(now);
      const { mib, descriptors, timers } = now;
      process.stdout.write(`${starts} starts: ${mib.toFixed(1)} MiB, ${descriptors} descriptors, ${timers} timers\n`);
    }
  } finally {
    await remove('', 'namespace', NAMESPACE);
  }
  const { slope, error } = slopeOf(looks);
  const level = (of: 'descriptors' | 'timers'): Promised => {
    const [first, last] = [looks[0]?.[of] ?? NaN, looks.at(-1)?.[of] ?? NaN];
    return {
      name: `the agent's ${of} at the end`,
      limit: `${first} and 3`,
      figure: `${last}`,
      kept: last <= first + 3,
    };
  };
  return [
    {
      name: `memory of the agent for each VM started and stopped, of ${STARTS}`,
      limit: '0.02 MiB',
      figure: `${slope.toFixed(3)} ± ${error.toFixed(3)} MiB`,
      kept: slope <= 0.02,
    },
    level('descriptors'),
    level('timers'),
  ];
};
