import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AGENT_END, giveUp, linkSettings, newLinks, sysctls } from './links.js';
import { ruleset } from './ruleset.js';
import { addressConflict, readAddresses, stillLocal } from './pod-facts.js';
import { TAP } from '../../api/vmi/guest-network.js';
import { AGENT_PORT, type NetworkWish, type PodFacts, type SetUpReport } from './wish.js';

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

const writeSysctl = ({ file, value, instead }: ReturnType<typeof sysctls>[number]): void => {
  const path = `/proc/sys/net/${file}`;
  // A node's kernel may be without IPv6.
  if (file.startsWith('ipv6/') && !existsSync(path)) return;
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

/** @param node the node's own network namespace, where nothing may be changed */
const setUp = (wish: NetworkWish, node: string, resume: boolean): Exclude<SetUpReport, { error: string }> => {
  if (readlinkSync('/proc/self/ns/net') === node) throw new Error('this is the network of the node, not of a pod');
  const { facts, devices } = readAddresses(
    run('ip', ['-json', 'address', 'show']),
    run('ip', ['-json', 'route', 'show', 'default']),
  );
  const found = devices.includes(TAP);
  // A guest that was started without a tap has none.
  if (resume && !found) return { facts, found };
  const conflict = addressConflict(wish, facts);
  if (conflict !== undefined) throw new Error(conflict);
  ensureTun();
  batch('ip', newLinks(wish, devices));
  for (const one of sysctls(wish, facts)) writeSysctl(one);
  run('nft', ['-f', '-'], ruleset(wish, facts));
  batch('ip', linkSettings(wish, facts));
  batch('bridge', [AGENT_END]);
  // Last: from here on the addresses are the guest's.
  if (wish.handOver) batch('ip', giveUp(facts, stillLocal(facts, localRoutes(facts))));
  return { facts, found };
};

const main = (wish: NetworkWish, node: string, resume: boolean): void => {
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

process.once('message', ({ wish, node, resume }: { wish: NetworkWish; node: string; resume: boolean }) =>
  main(wish, node, resume),
);
