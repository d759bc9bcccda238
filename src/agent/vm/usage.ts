import type { VmiUsage } from '../../agent-api/vmi-usage.js';
import { sleep, type Clock } from '../../kube/clock.js';
import type { DomainView } from '../hypervisor/hypervisor.js';
import type { DiskUsage } from '../hypervisor/statistics.js';
import type { DeviceCounters } from '../pod/network-devices.js';
import type { CpuRates } from './cpu-rates.js';
import type { Session } from './session.js';

/** libvirtd's part is left out where it takes longer. */
const PATIENCE_MS = 2_000;

type Measured = Pick<Session, 'cpuSeconds' | 'podUsage' | 'domainUsage' | 'domain'>;

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

/** Of all; undefined where there is none. */
const sum = (numbers: readonly (number | undefined)[]): number | undefined => {
  const found = numbers.filter((one) => one !== undefined);
  return found.length === 0 ? undefined : found.reduce((total, one) => total + one, 0);
};

const diskOf = (disks: readonly DiskUsage[]): VmiUsage['disk'] =>
  known({
    readBytes: sum(disks.map(({ readBytes }) => readBytes)),
    writtenBytes: sum(disks.map(({ writeBytes }) => writeBytes)),
  });

/** A tap counts from the node's side; a card without one is passt's, which has the pod's own device. */
const networkOf = (devices: readonly DeviceCounters[], view: DomainView | undefined): VmiUsage['network'] => {
  const cards = (view?.xml.interfaces ?? []).flatMap(({ device }) => {
    const found = devices.find(({ name }) => name === (device ?? 'eth0'));
    if (found === undefined) return [];
    const { receive, transmit } = found;
    return device === undefined ? [{ receive, transmit }] : [{ receive: transmit, transmit: receive }];
  });
  return known({
    receivedBytes: sum(cards.map(({ receive }) => receive.bytes)),
    sentBytes: sum(cards.map(({ transmit }) => transmit.bytes)),
  });
};

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
    disk: diskOf(domain?.disks ?? []),
    network: networkOf(pod?.devices ?? [], session.domain),
  };
};
