/**
 * A daemon that means harm: whoever left QEMU has the uid of the pod's libvirtd and may listen in its place. It answers
 * as far as its mode needs, and then misbehaves as that says; it floods with back-pressure, as a real attacker would.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { int, list, struct, uint, uhyper, type Codec } from '../../../src/libvirt/codec.js';
import { encodeFrame, encodeRawFrame, type Frame, type FrameHeader } from '../../../src/libvirt/frame.js';
import { FrameSplitter } from '../../../src/libvirt/frame-splitter.js';
import { domainEvents } from '../../../src/libvirt/domain-events.js';
import { procedures, type Procedure } from '../../../src/libvirt/procedures.js';
import { domain, errorMessage, string, type Domain } from '../../../src/libvirt/wire-types.js';

const KEEP_ALIVE = 0x6b65_6570;
const REMOTE = 0x2000_8086;
const REPLY = 1;
const EVENT = 2;
const STREAM = 3;
const ERROR = 1;
const CONTINUE = 2;

export const DOMAIN: Domain = { name: 'default_web', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 };
export const HONEST_XML =
  "<domain type='qemu'><metadata><kubevirt xmlns='http://kubevirt.io'><uid>vmi-1</uid></kubevirt></metadata><currentMemory unit='KiB'>1024</currentMemory>" +
  "<devices><interface type='user'><mac address='02:00:00:00:00:01'/><alias name='ua-default'/></interface>" +
  "<channel type='unix'><target name='org.qemu.guest_agent.0' state='connected'/></channel></devices></domain>";

/** What one connection can do with a client. */
export class Victim {
  /** Registrations so far; the first is for lifecycle events. */
  callbacks = 0;

  constructor(readonly socket: Socket) {}

  reply<A, R>(call: Frame, procedure: Procedure<A, R>, value: R, change: Partial<FrameHeader> = {}): Buffer {
    return encodeFrame(replyHeader(call, change), procedure.result, value);
  }

  /** Sends this over and over, as fast as the client reads, until it hangs up. */
  flood(next: () => Buffer): void {
    const pump = (): void => {
      for (let count = 0; count < 256; count += 1) {
        if (this.socket.destroyed) return;
        if (!this.socket.write(next())) {
          this.socket.once('drain', pump);
          return;
        }
      }
      setImmediate(pump);
    };
    pump();
  }

  /** Sends bytes one by one, each in a write of its own. */
  async drip(bytes: Buffer): Promise<void> {
    for (const byte of bytes) {
      if (this.socket.destroyed) return;
      if (!this.socket.write(Buffer.from([byte]))) await once(this.socket, 'drain').catch(() => undefined);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const replyHeader = (call: Frame, change: Partial<FrameHeader> = {}): FrameHeader => ({
  program: call.program,
  procedure: call.procedure,
  type: REPLY,
  serial: call.serial,
  status: 0,
  ...change,
});

/** An answer, `undefined` for none. */
type Behaviour = (call: Frame, victim: Victim) => Buffer | undefined;

const eventFrame = (callbackId: number, of: Domain = DOMAIN): Buffer =>
  encodeFrame(
    { program: REMOTE, procedure: domainEvents.lifecycle.procedure, type: EVENT, serial: 0, status: 0 },
    domainEvents.lifecycle.message,
    { callbackId, domain: of, event: 2, detail: 0 },
  );
const ping = encodeRawFrame({ program: KEEP_ALIVE, procedure: 1, type: EVENT, serial: 0, status: 0 }, new Uint8Array());

/** The announcement of a frame with some of its bytes. */
export const announced = (header: FrameHeader, length: number, sent = 0): Buffer => {
  const frame = encodeRawFrame(header, new Uint8Array(sent));
  frame.writeUInt32BE(length);
  return frame;
};

/** What an honest session libvirtd with one running domain answers. */
export const honest: Behaviour = (call, victim) => {
  switch (call.procedure) {
    case procedures.authList.number:
      return victim.reply(call, procedures.authList, { types: [0] });
    case procedures.connectSupportsFeature.number:
      return victim.reply(call, procedures.connectSupportsFeature, { supported: true });
    case procedures.connectOpen.number:
    case procedures.connectClose.number:
      return victim.reply(call, procedures.connectOpen, undefined);
    case procedures.eventRegister.number:
      return victim.reply(call, procedures.eventRegister, { callbackId: (victim.callbacks += 1) });
    case procedures.domainLookupByName.number:
      return victim.reply(call, procedures.domainLookupByName, { domain: DOMAIN });
    case procedures.domainGetState.number:
      return victim.reply(call, procedures.domainGetState, { state: 1, reason: 1 });
    case procedures.domainGetXMLDesc.number:
      return victim.reply(call, procedures.domainGetXMLDesc, { xml: HONEST_XML });
    case procedures.connectGetVersion.number:
      return victim.reply(call, procedures.connectGetVersion, { version: 10_000_002n });
    case procedures.connectGetAllDomainStats.number:
      return encodeFrame(replyHeader(call), rawStats, {
        records: [{ domain: DOMAIN, params: [{ name: 'balloon.current', type: 4, value: 1024n }] }],
      });
    case procedures.domainGetVcpus.number:
      return victim.reply(call, procedures.domainGetVcpus, {
        info: [{ number: 0, state: 1, cpuTime: 5n, cpu: 0 }],
        cpuMaps: new Uint8Array(),
      });
    case procedures.qemuAgentCommand.number:
      return victim.reply(call, procedures.qemuAgentCommand, { result: '{"return":{}}' });
    default:
      return undefined;
  }
};

/** Typed parameters can only be read by the library: these are of unsigned 64-bit numbers. */
const rawStats = struct({
  records: list(
    struct({ domain, params: list(struct({ name: string, type: int, value: uhyper }), 1_000_000) }),
    16_384,
  ),
});

/** Answers one procedure so, everything else honestly. */
const instead =
  <A, R>(procedure: Procedure<A, R>, behaviour: Behaviour): Behaviour =>
  (call, victim) =>
    call.procedure === procedure.number && call.program === procedure.program
      ? behaviour(call, victim)
      : honest(call, victim);

const xml = (text: () => string): Behaviour =>
  instead(procedures.domainGetXMLDesc, (call, victim) =>
    victim.reply(call, procedures.domainGetXMLDesc, { xml: text() }),
  );
const guest = (text: () => string): Behaviour =>
  instead(procedures.qemuAgentCommand, (call, victim) =>
    victim.reply(call, procedures.qemuAgentCommand, { result: text() }),
  );
/** A flood that begins when the client is connected and registered. */
const afterwards = (start: (victim: Victim) => void): Behaviour =>
  instead(procedures.domainLookupByName, (call, victim) => {
    const answer = honest(call, victim);
    setImmediate(() => start(victim));
    return answer;
  });
const stats = <T>(codec: Codec<T>, value: T): Behaviour =>
  instead(procedures.connectGetAllDomainStats, (call) => encodeFrame(replyHeader(call), codec, value));
const repeat = (unit: string, bytes: number): string => unit.repeat(Math.ceil(bytes / unit.length));
const inDevices = (inner: string): string => `<domain><devices>${inner}</devices></domain>`;
const HALF_MIB = 524_000;
const OTHER = { ...DOMAIN, name: 'kube-system_other' };

/** Every way of doing harm that was thought of, by name. */
export const MODES: Readonly<Record<string, Behaviour>> = {
  honest,
  'says nothing at all': () => undefined,
  'answers nothing once connected': instead(procedures.domainLookupByName, () => undefined),
  'hangs up in the middle of an answer': instead(procedures.domainGetState, (call, victim) => {
    victim.socket.end(victim.reply(call, procedures.domainGetState, { state: 1, reason: 1 }).subarray(0, 20));
    return undefined;
  }),
  'floods events before the registration is answered': instead(procedures.eventRegister, (_call, victim) => {
    victim.flood(() => eventFrame(4711));
    return undefined;
  }),
  'floods events of the domain': (call, victim) => {
    const answer = honest(call, victim);
    if (call.procedure === procedures.domainLookupByName.number) setImmediate(() => victim.flood(() => eventFrame(1)));
    return answer;
  },
  'floods events of other domains': afterwards((victim) => victim.flood(() => eventFrame(1, OTHER))),
  'floods events that nobody asked for': afterwards((victim) => victim.flood(() => eventFrame(-7))),
  'floods pings and reads no pong': afterwards((victim) => {
    victim.socket.pause();
    victim.flood(() => ping);
  }),
  'floods answers to no call': afterwards((victim) =>
    victim.flood(() =>
      encodeRawFrame({ program: REMOTE, procedure: 23, type: REPLY, serial: 4711, status: 0 }, Buffer.alloc(64)),
    ),
  ),
  'floods data of a stream that nobody opened': afterwards((victim) =>
    victim.flood(() =>
      encodeRawFrame(
        { program: REMOTE, procedure: 201, type: STREAM, serial: 9, status: CONTINUE },
        Buffer.alloc(60_000),
      ),
    ),
  ),
  'announces the largest message and says no more': instead(procedures.domainGetXMLDesc, (call) =>
    announced(replyHeader(call), 33_554_436),
  ),
  'announces all it may and sends it byte by byte': instead(procedures.domainGetXMLDesc, (call, victim) => {
    void victim.drip(announced(replyHeader(call), 1_000_000, 999_900));
    return undefined;
  }),
  'sends 32 MiB as an event': afterwards((victim) =>
    victim.socket.write(
      announced({ program: REMOTE, procedure: 318, type: EVENT, serial: 0, status: 0 }, 33_554_432, 4_000_000),
    ),
  ),
  'answers with an error of 4 MiB': instead(procedures.domainGetState, (call) =>
    encodeFrame(replyHeader(call, { status: ERROR }), errorMessage, {
      code: 1,
      domain: 0,
      message: repeat('\u001b[2Jx', 4_000_000),
      level: 2,
      dom: undefined,
      str1: undefined,
      str2: undefined,
      str3: undefined,
      int1: 0,
      int2: 0,
      net: undefined,
    }),
  ),
  'answers as another procedure': instead(procedures.domainGetState, (call, victim) =>
    victim.reply(call, procedures.domainGetState, { state: 1, reason: 1 }, { procedure: 1 }),
  ),
  'answers as another program': instead(procedures.domainGetState, (call, victim) =>
    victim.reply(call, procedures.domainGetState, { state: 1, reason: 1 }, { program: 0x2000_8087 }),
  ),
  'answers with an unknown status': instead(procedures.domainGetState, (call, victim) =>
    victim.reply(call, procedures.domainGetState, { state: 1, reason: 1 }, { status: 9 }),
  ),
  'answers with states that do not exist': instead(procedures.domainGetState, (call, victim) =>
    victim.reply(call, procedures.domainGetState, { state: -2_147_483_648, reason: 2_147_483_647 }),
  ),
  'speaks another protocol': (_call, victim) => {
    victim.flood(() => Buffer.from('HTTP/1.1 200 OK\r\n'));
    return undefined;
  },
  'answers before it is asked': (call, victim) =>
    call.procedure === procedures.authList.number
      ? Buffer.concat(
          [1, 2, 3, 4, 5].map((ahead) =>
            victim.reply({ ...call, serial: call.serial + ahead }, procedures.connectOpen, undefined),
          ),
        )
      : honest(call, victim),
  'prints XML of 10^5 elements': xml(() => `<domain>${repeat('<a/>', HALF_MIB)}</domain>`),
  'prints XML of elements with attributes': xml(
    () => `<domain>${repeat('<a b="" c="" d="" e=""/>', HALF_MIB)}</domain>`,
  ),
  'prints XML nested 10^5 deep': xml(() => repeat('<a>', HALF_MIB)),
  'prints XML that is one attribute after the other': xml(() =>
    inDevices(`<disk><alias ${repeat('a="" ', HALF_MIB)}/></disk>`),
  ),
  'prints XML that is one long attribute': xml(() => inDevices(`<disk><alias ${repeat('a', HALF_MIB)}/></disk>`)),
  'prints XML of devices with long paths': xml(
    () => `<domain><devices>${repeat('<hostdev><source><address/></source></hostdev>', HALF_MIB)}</devices></domain>`,
  ),
  'prints XML of interfaces that the VM does not have': xml(() =>
    inDevices(
      Array.from(
        { length: 400 },
        (_, n) => `<interface><mac address="02:00:00:00:00:01"/><alias name="ua-x${n}"/></interface>`,
      ).join(''),
    ),
  ),
  'prints XML with values that are none': xml(
    () =>
      `<domain type='${repeat('x', 1_000)}'><metadata><kubevirt><uid>${repeat('u', 100_000)}</uid></kubevirt></metadata>` +
      `<currentMemory>${repeat('9', 100_000)}</currentMemory><os><type machine='\u001b]52;c;aGk=\u0007'>hvm</type></os><devices>` +
      `<disk><target dev='${repeat('d', 1_500)}'/><alias name='ua-root'/></disk><interface><mac address='${repeat('m', 1_500)}'/>` +
      `<driver queues='NaN'/><alias name='ua-default'/></interface></devices></domain>`,
  ),
  'prints XML with a bomb of entities': xml(
    () => `<!DOCTYPE d [<!ENTITY a "${repeat('x', 1_000)}"><!ENTITY b "${repeat('&a;', 900)}">]><domain>&b;</domain>`,
  ),
  'prints 4 MiB of XML': xml(() => `<domain>${repeat('x', 4_000_000)}</domain>`),
  'counts 2^64 vCPUs': stats(rawStats, {
    records: [{ domain: DOMAIN, params: [{ name: 'vcpu.maximum', type: 4, value: 2n ** 64n - 1n }] }],
  }),
  'lists 80,000 statistics': stats(rawStats, {
    records: [{ domain: DOMAIN, params: Array.from({ length: 40_000 }, () => ({ name: '', type: 4, value: 1n })) }],
  }),
  'lists 16,000 domains': stats(
    list(struct({ domain, params: list(int, 1) }), 16_384),
    Array.from({ length: 16_000 }, () => ({ domain: { ...OTHER, name: 'x' }, params: [] })),
  ),
  'announces 2^32 items': stats(struct({ count: uint }), { count: 0xffff_ffff }),
  'has a guest agent that answers 900 KiB': guest(() => `{"return":[${repeat('[],', 900_000)}[]]}`),
  'has a guest agent that nests': guest(() => repeat('[', 200_000)),
  'has a guest agent that sends no JSON': instead(procedures.qemuAgentCommand, (call, victim) =>
    // The library writes no NUL.
    Buffer.from(
      victim
        .reply(call, procedures.qemuAgentCommand, { result: repeat('~x', 200_000) })
        .map((byte) => (byte === 0x7e ? 0 : byte)),
    ),
  ),
  'has a guest agent with 10^4 interfaces and terminal codes': guest(
    () =>
      `{"return":[${Array.from({ length: 2_000 }, () => '{"name":"\\u001b[31m\\ud83d","hardware-address":"02:00:00:00:00:01"}').join(',')}]}`,
  ),
  'has a guest agent with lists of everything that is asked for': guest(() => {
    const text = '"\\u001b[2J\\ud83d\\u202e'.padEnd(1_000, 'x') + '"';
    const words = ['user', 'domain', 'name', 'mountpoint', 'type', 'version', 'host-name', 'zone', 'id', 'out-data'];
    const one = `{${words.map((word) => `"${word}":${text}`).join(',')},"total-bytes":1e999,"pid":1e999,"exited":true}`;
    return `{"return":[${Array.from({ length: 20 }, () => one).join(',')}]}`;
  }),
  'has a guest agent that starts every command and ends none': guest(
    () => '{"return":{"pid":1,"exited":false,"version":[],"supported_commands":{}}}',
  ),
};

/** Listens on a unix socket and behaves so. */
export class HostileDaemon {
  readonly socketPath: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'hostile-'));
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(readonly behaviour: Behaviour) {
    this.socketPath = join(this.#directory, 'sock');
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async start(): Promise<this> {
    this.#server.listen(this.socketPath);
    await once(this.#server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const victim = new Victim(socket);
    const splitter = new FrameSplitter();
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      for (const frame of splitter.push(chunk)) {
        const answer = frame.type === 0 ? this.behaviour(frame, victim) : undefined;
        if (answer && !socket.destroyed) socket.write(answer);
      }
    });
  }
}
