import { spawn } from 'node:child_process';
import type { Socket } from 'node:dgram';
import { parentPort } from 'node:worker_threads';
import { advertisement, answerFrame } from './answer.js';
import { GATEWAY_MAC, guestEnds, wireEnd, wireGatewayMac } from './guest-end.js';
import type { Lease } from './lease.js';
import { unwrapFrame, wrapFrame } from './packets.js';
import { cardMac } from './wire-links.js';
import { KERNEL_PORT, type NamespaceWish, type NetworkFacts, type SetUpReport } from './wish.js';

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
/** A frame that asks something is far shorter. */
const MAX_FRAME = 2048;
const STDERR_KEPT = 600;

interface Responder {
  readonly socket: Socket;
  /** One for each card that asks. */
  readonly leases: readonly Lease[];
}
const responders = new Map<string, Responder>();

const send = ({ socket }: Responder, frame: Buffer): void =>
  // What cannot be sent is asked for again.
  socket.send(wrapFrame(frame), KERNEL_PORT, '127.0.0.1', () => undefined);

const respond = (key: string, socket: Socket, leases: readonly Lease[]): void => {
  close(key);
  const responder = { socket, leases };
  responders.set(key, responder);
  socket.on('error', () => undefined);
  socket.on('message', (datagram) => {
    const frame = datagram.length > MAX_FRAME ? undefined : unwrapFrame(datagram);
    if (frame === undefined) return;
    for (const lease of leases) {
      const answer = answerFrame(frame, lease);
      if (answer !== undefined) send(responder, answer);
    }
  });
};

const close = (key: string): void => {
  responders.get(key)?.socket.close();
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
      if (handle !== undefined && 'network' in report)
        respond(request.key, handle as unknown as Socket, leasesOf(request, report.network));
      end(report);
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
  for (const responder of responders.values()) {
    for (const lease of responder.leases) {
      const frame = advertisement(lease);
      if (frame !== undefined) send(responder, frame);
    }
  }
}, ADVERTISE_MS).unref();

parentPort?.on('message', (request: NetworkRequest) => {
  if (request.do === 'close') close(request.key);
  else void open(request).then((report) => parentPort?.postMessage({ id: request.id, report } satisfies NetworkReply));
});
