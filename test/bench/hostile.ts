import { spawn, type ChildProcess } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { createConnection } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LibvirtHypervisor } from '../../src/agent/hypervisor/libvirt-hypervisor.js';
import type { Hypervisor } from '../../src/agent/hypervisor/hypervisor.js';
import { readGuestInfo } from '../../src/agent/hypervisor/guest-agent.js';
import { DOMAIN } from '../unit/libvirt/hostile-daemon.js';
import type { Promised } from './report.js';

/** Every mode for this long; a mode that ends the connection is connected to again each second, as the agent does. */
const SECONDS = 15;
const RECONNECT_MS = 1_000;
const MIB = 1_048_576;
/** The most bytes, messages, elements, items and characters. */
const EXPENSIVE = [
  'floods events before the registration is answered',
  'floods events of other domains',
  'floods pings and reads no pong',
  'floods answers to no call',
  'floods data of a stream that nobody opened',
  'announces all it may and sends it byte by byte',
  'prints XML of elements with attributes',
  'prints XML of devices with long paths',
  'lists 80,000 statistics',
  'has a guest agent that answers 900 KiB',
];
const HELPER = fileURLToPath(new URL('hostile-daemons.ts', import.meta.url));

/** The daemons are a process of their own: what they need is not the agent's. */
const startDaemons = async (modes: readonly string[]): Promise<{ process: ChildProcess; paths: string[] }> => {
  const process_ = spawn(process.execPath, ['--import', 'tsx', HELPER, ...modes], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [paths] = (await once(process_, 'message')) as [string[]];
  return { process: process_, paths };
};

const open = (path: string, ended: () => void): Promise<Hypervisor> =>
  LibvirtHypervisor.open(createConnection(path), DOMAIN.name, ({ kind }) => {
    if (kind === 'disconnected') ended();
  });

/** What the agent does with one VM, over and over. */
const bother = async (path: string, over: AbortSignal): Promise<void> => {
  while (!over.aborted) {
    const gone = new AbortController();
    try {
      const hypervisor = await open(path, () => gone.abort());
      const close = (): void => void hypervisor.close();
      over.addEventListener('abort', close);
      while (![gone.signal, over].some(({ aborted }) => aborted)) {
        await hypervisor.observe();
        await readGuestInfo(hypervisor);
        await hypervisor.statistics();
        await sleep(RECONNECT_MS);
      }
      over.removeEventListener('abort', close);
    } catch {
      await sleep(RECONNECT_MS);
    }
  }
};

interface Figures {
  readonly rssMib: number;
  readonly latenessMs: number;
  readonly slowestMs: number;
  /** Of one CPU; unlike lateness, not a matter of what else the machine does. */
  readonly cpuPercent: number;
}

const attack = async (modes: readonly string[], good: Hypervisor): Promise<Figures> => {
  const daemons = await startDaemons(modes);
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  // What the code itself needs once it has been used is not the attack's.
  for (let count = 0; count < 200; count += 1) await good.observe();
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const all = daemons.paths.map((path) => bother(path, over.signal));
  let [rss, slowest] = [before, 0];
  const end = performance.now() + SECONDS * 1_000;
  while (performance.now() < end) {
    const began = performance.now();
    await good.observe();
    slowest = Math.max(slowest, performance.now() - began);
    rss = Math.max(rss, process.memoryUsage.rss());
    await sleep(20);
  }
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  over.abort();
  daemons.process.kill();
  await once(daemons.process, 'exit');
  await Promise.allSettled(all);
  return {
    rssMib: (rss - before) / MIB,
    latenessMs: delay.percentile(99) / 1e6 - 10,
    slowestMs: slowest,
    cpuPercent: (user + system) / SECONDS / 10_000,
  };
};

/** What hostile libvirtds cost the agent: memory, lateness, and how long another VM's libvirtd waits for its look. */
export const benchHostile = async (): Promise<Promised[]> => {
  const { MODES } = await import('../unit/libvirt/hostile-daemon.js');
  const hostile = Object.keys(MODES).filter((mode) => mode !== 'honest');
  const honest = await startDaemons(['honest']);
  const good = await open(honest.paths[0] ?? '', () => undefined);
  const results: Promised[] = [];
  const cost = ({ latenessMs, slowestMs }: Figures, quiet: Figures): [number, number] => [
    Math.max(0, latenessMs - quiet.latenessMs),
    Math.max(0, slowestMs - quiet.slowestMs),
  ];
  const add = (name: string, figures: Figures, quiet: Figures): void => {
    const { rssMib } = figures;
    const [lateness, slowest] = cost(figures, quiet);
    const figure =
      `RSS +${rssMib.toFixed(0)} MiB, CPU ${figures.cpuPercent.toFixed(0)} % (${quiet.cpuPercent.toFixed(0)}), event loop later by ${lateness.toFixed(0)} ms (p99) than with an honest one ` +
      `(${quiet.latenessMs.toFixed(0)} ms), another VM's look by ${slowest.toFixed(0)} ms at most (${quiet.slowestMs.toFixed(0)} ms)`;
    results.push({
      name,
      limit: '+16 MiB, 100 ms, 100 ms',
      figure,
      kept: rssMib <= 16 && lateness <= 100 && slowest <= 100,
    });
  };
  try {
    // What is compiled and allocated by the first use of everything stays; it is no attack's.
    await attack(hostile, good);
    // What else the machine does makes everybody late.
    const quiet = await attack(['honest'], good);
    const flood = 'floods events before the registration is answered';
    add('one hostile libvirtd, events before the registration', await attack([flood], good), quiet);
    const drip = 'announces all it may and sends it byte by byte';
    add('ten hostile libvirtds, 1 MiB byte by byte', await attack(new Array<string>(10).fill(drip), good), quiet);
    add('ten hostile libvirtds, of the ten most expensive modes', await attack(EXPENSIVE, good), quiet);
  } finally {
    await good.close();
    honest.process.kill();
  }
  return results;
};
