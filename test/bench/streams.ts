import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { apply, list, remove } from '../e2e/support/api.js';
import { makeNamespace, tapSpec } from '../e2e/support/machines.js';
import type { KubernetesObject } from '../../src/kube/types.js';
import { median, PIECE, PORT, seconds } from './network-measures.js';
import { bootWithPeer, peerConfigMap } from './network-peer.js';
import type { Promised } from './report.js';

/*
 * `kubectl virt port-forward` to a guest beside `kubectl port-forward` to its pod, which leads to the same program in
 * the same guest (the pod's loopback is forwarded to it): what lies between is what differs. In turn, on the test bed.
 */

const NAMESPACE = 'bench-streams';
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const SECONDS = 2;
const TRIPS = 300;
const OPENS = 20;
/** What kubectl's way is measured against. */
const [LEAST, MOST] = [0.8, 1.5];

interface Way {
  readonly name: string;
  readonly port: (of: keyof typeof PORT) => number;
  readonly stop: () => void;
}

const TCP = ['sink', 'source', 'echo'] as const;

/** Both print the same line for each port. */
const way = async (name: string, command: string, args: readonly string[]): Promise<Way> => {
  const child: ChildProcess = spawn(command, [...args, ...TCP.map((of) => `:${PORT[of]}`), '-n', NAMESPACE], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ports = new Map<number, number>();
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended: ${code}`)));
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      for (const [, local, remote] of text.matchAll(/127\.0\.0\.1:(\d+) -> (\d+)/g))
        ports.set(Number(remote), Number(local));
      if (ports.size === TCP.length) resolve();
    });
  });
  return { name, port: (of) => ports.get(PORT[of]) ?? 0, stop: () => child.kill('SIGKILL') };
};

const open = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  // Whoever waits for something of it hears of an error, too.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};
/** The guest's program may not listen yet: then a connection is taken here and reset. */
const ready = async (one: Way): Promise<void> => {
  for (let tries = 0; tries < 60; tries += 1) {
    try {
      const socket = await open(one.port('echo'));
      await trip(socket);
      socket.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  throw new Error('the guest’s program does not answer');
};

const deadline = () => ({ signal: AbortSignal.timeout(60_000) });

/** What has arrived is what counts: the pipe is long. The last of it is waited for. */
const into = async (one: Way): Promise<number> => {
  const socket = await open(one.port('sink'));
  socket.resume();
  const since = process.hrtime.bigint();
  let sent = 0;
  for (; seconds(since) < SECONDS; sent += PIECE.length)
    if (!socket.write(PIECE)) await once(socket, 'drain', deadline());
  socket.end();
  await once(socket, 'close', deadline());
  moved += sent;
  return sent / 2 ** 20 / seconds(since);
};

const outOf = async (one: Way): Promise<number> => {
  const socket = await open(one.port('source'));
  const since = process.hrtime.bigint();
  let bytes = 0;
  for await (const piece of socket) {
    bytes += (piece as Buffer).length;
    if (seconds(since) > SECONDS) break;
  }
  socket.destroy();
  moved += bytes;
  return bytes / 2 ** 20 / seconds(since);
};

const trip = async (socket: Socket): Promise<number> => {
  const since = process.hrtime.bigint();
  socket.write('x');
  await once(socket, 'data', deadline());
  return seconds(since) * 1e6;
};

/** Microseconds there and back, one byte on an open connection. */
const trips = async (one: Way): Promise<number> => {
  const socket = await open(one.port('echo'));
  await trip(socket);
  const all: number[] = [];
  for (let count = 0; count < TRIPS; count += 1) all.push(await trip(socket));
  socket.destroy();
  return median(all);
};

/** Microseconds until a new connection has carried a byte there and back. */
const opens = async (one: Way): Promise<number> => {
  const all: number[] = [];
  for (let count = 0; count < OPENS; count += 1) {
    const since = process.hrtime.bigint();
    const socket = await open(one.port('echo'));
    await trip(socket);
    all.push(seconds(since) * 1e6);
    socket.destroy();
  }
  return median(all);
};

/** Seconds for a GiB, and until the guest has it all. */
const gibibyte = async (one: Way): Promise<number> => {
  const socket = await open(one.port('sink'));
  socket.resume();
  const since = process.hrtime.bigint();
  for (let sent = 0; sent < 2 ** 30; sent += PIECE.length)
    if (!socket.write(PIECE)) await once(socket, 'drain', deadline());
  socket.end();
  await once(socket, 'close', deadline());
  return seconds(since);
};

const CONNECTIONS = 1_000;
/** Seconds for a thousand connections, each with a round trip, as many at a time as a browser farm. */
const thousand = async (one: Way): Promise<number> => {
  const since = process.hrtime.bigint();
  let left = CONNECTIONS;
  const worker = async (): Promise<void> => {
    for (; left > 0;) {
      left -= 1;
      const socket = await open(one.port('echo'));
      await trip(socket);
      socket.end();
    }
  };
  await Promise.all(Array.from({ length: 100 }, worker));
  return seconds(since);
};

/** Bytes that were carried since it was last looked. */
let moved = 0;

/** CPU seconds of a program of ours on this node, of all its processes. */
const cpuOf = (program: string): number =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${program}.cjs`)) return 0;
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        return (Number(fields[11]) + Number(fields[12])) / 100;
      } catch {
        return 0;
      }
    })
    .reduce((sum, each) => sum + each, 0);

const MEASURES = [
  { what: 'TCP into the guest', unit: 'MiB/s', of: into, most: true, limit: LEAST },
  { what: 'TCP out of the guest', unit: 'MiB/s', of: outOf, most: true, limit: LEAST },
  { what: 'a round trip', unit: 'µs', of: trips, most: false, limit: MOST },
  { what: 'a new connection with its first round trip', unit: 'µs', of: opens, most: false, limit: Infinity },
] as const;

export const benchStreams = async (): Promise<Promised[]> => {
  await makeNamespace(NAMESPACE);
  const ways: Way[] = [];
  try {
    await apply(peerConfigMap(NAMESPACE));
    const shell = await bootWithPeer(NAMESPACE, 'guest', tapSpec());
    const [pod] = await list<KubernetesObject>(NAMESPACE, 'pod');
    const begin = [
      () => way('kubectl', 'kubectl', ['port-forward', `pod/${pod?.metadata?.name ?? ''}`]),
      () => way('ours', process.execPath, ['bin/kubectl-virt', 'port-forward', 'vmi/guest']),
    ];
    const first = await way('ours', process.execPath, ['bin/kubectl-virt', 'port-forward', 'vmi/guest']);
    ways.push(first);
    await ready(first);
    const results: Promised[] = [];
    const programs = ['virt-webhook', 'virt-agent'] as const;
    const perMiB: Record<string, number[]> = {};
    for (const { what, unit, of, most, limit } of MEASURES) {
      const figures: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round += 1)
        for (const [index, start] of begin.entries()) {
          // kubectl forwards nothing more after a connection that was broken off, as the second measure does.
          const one = await start();
          ways.push(one);
          const before = programs.map(cpuOf);
          moved = 0;
          const figure = await of(one);
          process.stdout.write(`  ${what}, ${one.name}: ${figure.toFixed(1)} ${unit}\n`);
          figures[index]?.push(figure);
          one.stop();
          if (index === 1 && moved > 0)
            for (const [at, program] of programs.entries())
              (perMiB[program] ??= []).push(((cpuOf(program) - (before[at] ?? 0)) * 1e3) / (moved / 2 ** 20));
        }
      const [kubectl, ours] = [median(figures[0]), median(figures[1])];
      const ratio = ours / kubectl;
      results.push({
        name: `${what}, beside kubectl port-forward`,
        limit: limit === Infinity ? 'none' : `${limit} ×`,
        figure: `${ratio.toFixed(2)} × (${ours.toFixed(0)} and ${kubectl.toFixed(0)} ${unit})`,
        kept: most ? ratio >= limit : ratio <= limit,
      });
    }
    const last = await way('ours', process.execPath, ['bin/kubectl-virt', 'port-forward', 'vmi/guest']);
    ways.push(last);
    for (const [name, of] of [
      ['a GiB into the guest', gibibyte],
      [`${CONNECTIONS} connections, each with a round trip`, thousand],
    ] as const) {
      const figure = await of(last);
      results.push({ name, limit: 'all of it', figure: `${figure.toFixed(1)} s`, kept: true });
    }
    for (const [program, all] of Object.entries(perMiB))
      results.push({
        name: `CPU of ${program} for a MiB`,
        limit: '20 ms',
        figure: `${median(all).toFixed(1)} ms`,
        kept: median(all) <= 20,
      });
    await shell.close();
    return results;
  } finally {
    for (const { stop } of ways) stop();
    await remove('', 'namespace', NAMESPACE);
  }
};
