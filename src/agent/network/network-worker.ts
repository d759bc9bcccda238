import { spawn } from 'node:child_process';
import type { Socket } from 'node:dgram';
import { parentPort } from 'node:worker_threads';
import { GATEWAY_MAC, guestEnds, wireEnd, wireGatewayMac } from './guest-end.js';
import type { Lease } from './lease.js';
import { respond, type Responder } from './responder.js';
import { cardMac } from './wire-links.js';
import { type NamespaceWish, type NetworkFacts, type SetUpReport } from './wish.js';

/** What the agent asks of this thread. */
export type NetworkRequest =
  | ({
      readonly do: 'open';
      readonly id: number;
      /** Of the VM. */
      readonly key: string;
      /** Runs set-up.ts in the pod's network namespace. */
      readonly argv: readonly string[];
      readonly told: Pick<Lease, 'hostname' | 'dns' | 'search'>;
      /** The node's network namespace. */
      readonly node: string;
      /** The guest runs: only what it has is set up again. */
      readonly resume: boolean;
    } & NamespaceWish)
  | { readonly do: 'close'; readonly key: string };

export interface NetworkReply {
  readonly id: number;
  readonly report: SetUpReport;
}

type Open = Extract<NetworkRequest, { do: 'open' }>;

const SET_UP_MS = 30_000;
/** A guest keeps its default route for 18 hours; one that lost it meanwhile has it back then. */
const ADVERTISE_MS = 3_600_000;
const STDERR_KEPT = 600;

const responders = new Map<string, Responder>();

const close = (key: string): void => {
  responders.get(key)?.close();
  responders.delete(key);
};

const leasesOf = ({ wish, told }: Open, { facts, wires }: NetworkFacts): Lease[] => [
  ...(wish === undefined || facts === undefined
    ? []
    : [
        {
          ...told,
          ...guestEnds(wish, facts),
          mac: wish.mac,
          gatewayMac: GATEWAY_MAC,
          mtu: facts.mtu,
          ...(wish.dhcp === undefined ? {} : { options: wish.dhcp }),
        },
      ]),
  ...wires.flatMap((wire, index) => {
    const ipv4 = wireEnd(wire, index);
    if (ipv4 === undefined || wire.wish.dhcp === undefined) return [];
    const { hostname } = told;
    // The cluster's name servers are behind a router, or on another network.
    const names = ipv4.router === undefined ? { hostname, dns: [], search: [] } : told;
    const { mtu } = wire.notes;
    return [{ ...names, ipv4, mac: cardMac(wire), gatewayMac: wireGatewayMac(index), mtu, options: wire.wish.dhcp }];
  }),
];

/** Never rejects. */
const open = (request: Open): Promise<SetUpReport> =>
  new Promise((resolve) => {
    const [program = '', ...args] = request.argv;
    const child = spawn(program, args, {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)));
    const timer = setTimeout(() => child.kill('SIGKILL'), SET_UP_MS);
    const end = (report: SetUpReport): void => {
      clearTimeout(timer);
      resolve(report);
    };
    child.on('message', (report: SetUpReport, handle) => {
      try {
        if (handle !== undefined && 'network' in report) {
          close(request.key);
          responders.set(request.key, respond(handle as unknown as Socket, leasesOf(request, report.network)));
        }
        end(report);
      } catch (error) {
        end({ error: (error as Error).message });
      }
    });
    child.on('error', (error) => end({ error: error.message }));
    child.on('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`;
      // The report may still be on its way.
      setTimeout(() => end({ error: `the program that sets it up ended (${how}): ${stderr.trim()}` }), 200);
    });
    const { wish, wires, node, resume } = request;
    child.send({ wish: { wish, wires }, node, resume }, () => undefined);
  });

setInterval(() => {
  for (const responder of responders.values()) responder.advertise();
}, ADVERTISE_MS).unref();

parentPort?.on('message', (request: NetworkRequest) => {
  if (request.do === 'close') close(request.key);
  else void open(request).then((report) => parentPort?.postMessage({ id: request.id, report } satisfies NetworkReply));
});
