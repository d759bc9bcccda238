import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  AGENT_END,
  ASKING_SYSCTLS,
  askingSettings,
  giveUp,
  linkSettings,
  newLinks,
  sysctls,
  type Sysctl,
} from './links.js';
import { ruleset } from './ruleset.js';
import { addressConflict, deviceNames, readAddresses, stillLocal } from './pod-facts.js';
import { wireNames } from '../../api/vmi/attached-networks.js';
import { TAP } from '../../api/vmi/guest-network.js';
import { MAX_WIRES } from './guest-end.js';
import { newWire, setAside, STAND_INS, wireSettings, wireSysctls } from './wire-links.js';
import { seeWire, type SeenWire } from './wire-notes.js';
import {
  AGENT_PORT,
  type NamespaceWish,
  type NetworkWish,
  type PodFacts,
  type SetUpReport,
  type WireWish,
} from './wish.js';

/*
 * A program of its own, because a namespace is a process': it runs in a pod's network namespace as root of the node,
 * with the agent's files, makes there what is not yet as it should be, gives the agent the socket by which it hears the
 * guest, and ends. May be killed at any point and run again.
 */

const TIMEOUT = 10_000;
const run = (program: string, args: readonly string[], input = ''): string =>
  execFileSync(program, args, { input, encoding: 'utf8', timeout: TIMEOUT, stdio: ['pipe', 'pipe', 'pipe'] });
const batch = (program: 'ip' | 'bridge', lines: readonly string[]): void => {
  if (lines.length > 0) run(program, ['-batch', '-'], `${lines.join('\n')}\n`);
};

const writeSysctl = ({ file, value, instead }: Sysctl): void => {
  const path = `/proc/sys/net/${file}`;
  // A node's kernel may be without IPv6, and without a packet filter for bridges.
  if (/^(ipv6|bridge)\//.test(file) && !existsSync(path)) return;
  const found = readFileSync(path, 'utf8').trim();
  if (found !== value && (instead === undefined || instead === found)) writeFileSync(path, value);
};

const TUN = '/dev/net/tun';
/** A container has no such device, and its devices cgroup lets it be opened all the same. */
const ensureTun = (): void => {
  if (existsSync(TUN)) return;
  mkdirSync(dirname(TUN), { recursive: true });
  try {
    run('mknod', ['-m', '0600', TUN, 'c', '10', '200']);
  } catch (error) {
    // Another set-up was faster.
    if (!existsSync(TUN)) throw error;
  }
};

const localRoutes = ({ ipv6 }: PodFacts): string[] =>
  ['-4', ...(ipv6 === undefined ? [] : ['-6'])].map((family) =>
    run('ip', ['-json', family, 'route', 'show', 'table', 'local']),
  );

const addresses = (): string => run('ip', ['-json', 'address', 'show']);

const standIn = (name: string, present: readonly string[]): void => {
  if (present.includes(name)) return;
  const problems = STAND_INS.flatMap((type, index, types) => {
    try {
      batch('ip', [`link add ${name} type ${type}`]);
      return [];
    } catch (error) {
      if (index === types.length - 1) throw error;
      return [type];
    }
  });
  if (problems.length === STAND_INS.length) throw new Error(`${name} cannot be made`);
};

const seeWires = (wanted: readonly WireWish[], addresses: string): SeenWire[] => {
  if (wanted.length === 0) return [];
  const links = run('ip', ['-json', '-details', 'link', 'show']);
  const routes = run('ip', ['-json', '-4', 'route', 'show', 'table', 'main']);
  return wanted.map((one) => seeWire(one, { addresses, links, routes }));
};

/** All that is there before a rule holds: nothing is connected yet. */
const makeWires = (wires: readonly SeenWire[]): void => {
  for (const wire of wires) batch('ip', setAside(wire));
  const present = deviceNames(addresses());
  for (const wire of wires) {
    batch('ip', newWire(wire, present));
    standIn(wire.wish.device, present);
    for (const one of wireSysctls(wire)) writeSysctl(one);
  }
};

interface PodTap {
  readonly wish: NetworkWish;
  readonly facts: PodFacts;
}

const podTap = (wish: NetworkWish | undefined): PodTap | undefined => {
  if (wish === undefined) return undefined;
  const { facts } = readAddresses(addresses(), run('ip', ['-json', 'route', 'show', 'default']));
  const conflict = addressConflict(wish, facts);
  if (conflict !== undefined) throw new Error(conflict);
  return { wish, facts };
};

/** @param node the node's own network namespace, where nothing may be changed */
const setUp = (
  { wish, wires: wanted = [] }: NamespaceWish,
  node: string,
  resume: boolean,
): Exclude<SetUpReport, { error: string }> => {
  if (readlinkSync('/proc/self/ns/net') === node) throw new Error('this is the network of the node, not of a pod');
  if (wanted.length > MAX_WIRES) throw new Error(`${wanted.length} networks are more than ${MAX_WIRES}`);
  const seen = addresses();
  const devices = deviceNames(seen);
  const taps = [...(wish === undefined ? [] : [TAP]), ...wanted.map(({ device }) => wireNames(device).tap)];
  const found = taps.every((tap) => devices.includes(tap));
  // A guest that was started without a tap has none.
  if (resume && !found) return { network: { wires: [] }, found };
  const pod = podTap(wish);
  const wires = seeWires(wanted, seen);
  ensureTun();
  batch('ip', newLinks(wish, devices));
  makeWires(wires);
  for (const one of ASKING_SYSCTLS) writeSysctl(one);
  if (pod !== undefined) for (const one of sysctls(pod.wish, pod.facts)) writeSysctl(one);
  run('nft', ['-f', '-'], ruleset(pod?.wish, pod?.facts, wires));
  if (pod !== undefined) batch('ip', linkSettings(pod.wish, pod.facts));
  for (const wire of wires) batch('ip', wireSettings(wire));
  const [wire] = wires;
  batch('ip', askingSettings(pod !== undefined || wire === undefined ? TAP : wireNames(wire.wish.device).bridge));
  batch('bridge', [AGENT_END]);
  // Last: from here on the addresses are the guest's.
  if (pod?.wish.handOver === true) batch('ip', giveUp(pod.facts, stillLocal(pod.facts, localRoutes(pod.facts))));
  return { network: { ...(pod === undefined ? {} : { facts: pod.facts }), wires }, found };
};

const main = (wish: NamespaceWish, node: string, resume: boolean): void => {
  const end = (report: SetUpReport): void => void process.send?.(report, () => process.exit(0));
  try {
    const report = setUp(wish, node, resume);
    if (resume && !report.found) {
      end(report);
      return;
    }
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.once('error', (error) => end({ error: error.message }));
    socket.bind({ address: '127.0.0.1', port: AGENT_PORT, exclusive: true }, () => {
      process.send?.(report, socket, () => process.exit(0));
    });
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    end({ error: `${(error as Error).message.split('\n')[0] ?? ''} ${stderr ?? ''}`.trim() });
  }
};

process.once('message', ({ wish, node, resume }: { wish: NamespaceWish; node: string; resume: boolean }) =>
  main(wish, node, resume),
);
