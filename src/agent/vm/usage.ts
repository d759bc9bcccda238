import type { VmiUsage } from '../../agent-api/vmi-usage.js';
import { sleep, type Clock } from '../../kube/clock.js';
import type { CpuRates } from './cpu-rates.js';
import type { Session } from './session.js';

/** libvirtd's part is left out where it takes longer. */
const PATIENCE_MS = 2_000;

type Measured = Pick<Session, 'cpuSeconds' | 'podUsage' | 'domainUsage'>;

const within = async <T>(clock: Clock, answer: Promise<T>): Promise<T | undefined> => {
  const enough = new AbortController();
  try {
    return await Promise.race([
      answer.catch(() => undefined),
      sleep(clock, PATIENCE_MS, enough.signal).then(() => undefined),
    ]);
  } finally {
    enough.abort();
  }
};

const known = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

/** What a VM uses at the moment. */
export const usageOf = async (session: Measured, rates: Pick<CpuRates, 'rate'>, clock: Clock): Promise<VmiUsage> => {
  const [rate, pod, domain] = await Promise.all([
    rates.rate(session),
    session.podUsage().catch(() => undefined),
    within(clock, session.domainUsage()),
  ]);
  const { guestAvailable, guestUsable, maximum } = domain?.memory ?? {};
  const used = guestAvailable === undefined || guestUsable === undefined ? undefined : guestAvailable - guestUsable;
  return {
    timestamp: new Date(clock.now()).toISOString(),
    cpu: known({ vcpus: pod?.process?.vcpus.length, ...rate, seconds: pod?.cgroup.cpuSeconds }),
    memory: known({
      resident: pod?.process?.residentBytes,
      guest: maximum,
      guestUsed: used !== undefined && used >= 0 ? used : undefined,
    }),
  };
};
