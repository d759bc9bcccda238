import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { freezeGuest } from '../../../src/agent/api/guest-freeze.js';
import { guestFileSystems, guestOsInfo, guestUsers } from '../../../src/agent/api/guest-reports.js';
import { runInGuest } from '../../../src/agent/api/guest-command.js';
import type { RunningGuest } from '../../../src/agent/api/running-guest.js';
import { StatusError } from '../../../src/agent-api/status-error.js';
import type { DomainChange } from '../../../src/agent/hypervisor/hypervisor.js';
import type { Launcher } from '../../../src/agent/pod/launcher.js';
import { LibvirtHypervisor } from '../../../src/agent/hypervisor/libvirt-hypervisor.js';
import { runningStatus } from '../../../src/agent/vm/status.js';
import { NodeCommands } from '../../../src/agent/vm/node-commands.js';
import { Session } from '../../../src/agent/vm/session.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { systemClock } from '../../../src/kube/clock.js';
import { DOMAIN, HostileDaemon, MODES } from '../../unit/libvirt/hostile-daemon.js';

const VMI: VirtualMachineInstance = {
  metadata: { name: 'web', namespace: 'default', uid: 'vmi-1' },
  spec: { domain: { devices: { interfaces: [{ name: 'default', masquerade: {} }] } } },
  status: { phase: 'Running' },
};
/**
 * What a VMI of one interface may say of its domain and guest: an honest one says 1 KiB, 2 KiB more are the guest's.
 */
const STATUS_BYTES = 6_144;

/** What must come of each mode; one that is missing here fails. `slow`: its own answers come behind its own flood. */
const OUTCOMES: Readonly<Record<string, RegExp | 'served' | 'silent' | 'slow'>> = {
  honest: 'served',
  'says nothing at all': 'silent',
  'answers nothing once connected': 'silent',
  'hangs up in the middle of an answer': /the daemon closed the connection/,
  'floods events before the registration is answered': /limit earlyEvents of 64/,
  'floods events of the domain': 'slow',
  'floods events of other domains': 'slow',
  'floods events that nobody asked for': /limit strayMessages of 64/,
  'floods pings and reads no pong': 'silent',
  'floods answers to no call': /limit strayMessages of 64/,
  'floods data of a stream that nobody opened': /limit strayMessages of 64/,
  'announces the largest message and says no more': /limit frameBytes of 1048576/,
  'announces all it may and sends it byte by byte': 'silent',
  'sends 32 MiB as an event': /limit frameBytes of 1048576/,
  'answers with an error of 4 MiB': /limit frameBytes of 1048576/,
  'answers as another procedure': /was answered as procedure 1 /,
  'answers as another program': /was answered as procedure 212 of 0x20008087/,
  'answers with an unknown status': /unknown message status 9/,
  'answers with states that do not exist': 'served',
  'speaks another protocol': /does not speak libvirt's protocol/,
  // Answers to questions that were not asked yet are strays, and the question then has no answer.
  'answers before it is asked': 'silent',
  'prints XML of 10^5 elements': /more than 16384 elements/,
  'prints XML of elements with attributes': /more than 16384 elements/,
  'prints XML nested 10^5 deep': /nested deeper than 64/,
  'prints XML that is one attribute after the other': /tag of more than 2048 characters/,
  'prints XML that is one long attribute': /tag of more than 2048 characters/,
  'prints XML of devices with long paths': /more than 16384 elements/,
  'prints XML of interfaces that the VM does not have': 'served',
  'prints XML with values that are none': 'served',
  'prints XML with a bomb of entities': /a tag that libvirt does not print/,
  'prints 4 MiB of XML': /limit frameBytes of 1048576/,
  'counts 2^64 vCPUs': 'served',
  'lists 80,000 statistics': /limit (listItems|frameBytes) of/,
  'lists 16,000 domains': /limit listItems of/,
  'announces 2^32 items': 'served',
  'has a guest agent that answers 900 KiB': 'served',
  'has a guest agent that nests': 'served',
  'has a guest agent that sends no JSON': 'served',
  'has a guest agent with 10^4 interfaces and terminal codes': 'served',
  'has a guest agent with lists of everything that is asked for': 'served',
  'has a guest agent that starts every command and ends none': 'served',
};

/** A VM whose libvirtd is this daemon, as the agent holds it. */
class Vm {
  readonly said: string[] = [];
  readonly session: Session;
  changes = 0;
  /** Most changes that came in one turn of the event loop. */
  mostInTurn = 0;
  private inTurn = 0;

  constructor(daemon: HostileDaemon) {
    const launcher = {
      alive: () => Promise.resolve(true),
      result: () => undefined,
      network: { release: () => undefined },
      connect: (onChange: (change: DomainChange) => void) =>
        LibvirtHypervisor.open(createConnection(daemon.socketPath), DOMAIN.name, (change) => {
          if (change.kind === 'disconnected') this.said.push(change.message);
          this.count();
          onChange(change);
        }),
    } as unknown as Launcher;
    this.session = new Session('vmi-1', 'pod-1', launcher, systemClock, () => undefined);
  }

  private count(): void {
    this.changes += 1;
    if (this.inTurn === 0) setImmediate(() => (this.inTurn = 0));
    this.inTurn += 1;
    this.mostInTurn = Math.max(this.mostInTurn, this.inTurn);
  }

  /** As the agent's server asks of it, with an agent in the guest. */
  guest(): RunningGuest {
    return {
      key: 'default/web',
      vmi: VMI,
      view: { state: 'running', xml: { guestAgentConnected: true } } as RunningGuest['view'],
      hypervisor: this.session.require(),
      session: this.session,
      clock: systemClock,
      commands: new NodeCommands(systemClock),
      tell: () => undefined,
    };
  }

  /** One look as the agent takes it, with everything that it asks on the way. */
  async look(): Promise<'served' | undefined> {
    const situation = await this.session.look(VMI);
    if (this.session.problem !== undefined) this.said.push(this.session.problem);
    if (!situation.connected || this.session.domain === undefined) return undefined;
    const guest = await this.session.guestInfo();
    await this.session.statistics().catch((error: unknown) => this.said.push(String(error)));
    // What is written to the API server, and from there shown to people.
    const status = JSON.stringify(runningStatus(VMI, this.session.domain, guest, undefined, '2026-01-02T03:04:05Z'));
    assert.ok(Buffer.byteLength(status) <= STATUS_BYTES, `a status of ${status.length} characters`);
    // JSON escapes control characters: neither they nor their escapes are in it.
    assert.doesNotMatch(status, /\\u00[01]|\\u009|\\ud[89ab]|[\u007f-\u009f]/i);
    return 'served';
  }
}

/** Of an answer to a user; virt-webhook takes a megabyte. */
const ANSWER_BYTES = 1_000_000;

describe('a hostile guest agent', () => {
  const asked = {
    guestosinfo: guestOsInfo,
    userlist: guestUsers,
    filesystemlist: guestFileSystems,
    guestexec: (guest: RunningGuest) => runInGuest(guest, { options: { command: ['ls'] }, user: 'jane' }),
    freeze: (guest: RunningGuest) => freezeGuest(guest, { options: { unfreezeTimeout: '1h' }, user: 'jane' }),
  };

  for (const [mode, behaviour] of Object.entries(MODES).filter(([name]) => name.includes('guest agent'))) {
    it(`of a VM that ${mode}: gives users short visible text, or a refusal, and others wait for nothing`, async function () {
      this.timeout(60_000);
      const [hostile, good] = [
        await new HostileDaemon(behaviour).start(),
        await new HostileDaemon(MODES['honest']!).start(),
      ];
      const [victim, other] = [new Vm(hostile), new Vm(good)];
      try {
        await victim.look();
        const guest = victim.guest();
        const answers = Promise.all(
          Object.entries(asked).map(async ([word, ask]) => {
            try {
              return [word, JSON.stringify((await ask(guest)) ?? null)];
            } catch (error) {
              assert.ok(error instanceof StatusError, `${word}: ${String(error)}`);
              return [word, JSON.stringify(error.toStatus())];
            }
          }),
        );
        for (let count = 0; count < 20; count += 1) assert.equal(await other.look(), 'served');
        for (const [word, text = ''] of await answers) {
          assert.ok(text.length <= ANSWER_BYTES, `${word}: ${text.length} characters`);
          assert.doesNotMatch(text, /\\u00[01]|\\u009|\\ud[89ab]|[\u007f-\u009f\u202a-\u202e]/i, word);
        }
      } finally {
        await Promise.all([victim.session.close(), other.session.close()]);
        await Promise.all([hostile.stop(), good.stop()]);
      }
    });
  }
});

describe('a hostile libvirtd', () => {
  it('has an outcome for each of its modes', () => {
    assert.deepEqual(Object.keys(OUTCOMES), Object.keys(MODES));
  });

  for (const [mode, behaviour] of Object.entries(MODES)) {
    it(`that ${mode}: costs its own VM only`, async function () {
      this.timeout(300_000);
      const [hostile, good] = [
        await new HostileDaemon(behaviour).start(),
        await new HostileDaemon(MODES['honest']!).start(),
      ];
      const [victim, other] = [new Vm(hostile), new Vm(good)];
      try {
        const first: { over: boolean; served?: 'served' | undefined } = { over: false };
        const looking = victim.look().then((served) => Object.assign(first, { over: true, served }));
        // Whatever the one does, the other is served: again and again while it goes on.
        for (let count = 0; count < 20; count += 1) assert.equal(await other.look(), 'served');
        const expected = OUTCOMES[mode]!;
        const said = (): string => victim.said.join('\n');
        const reached = (): boolean =>
          expected instanceof RegExp ? expected.test(said()) : expected !== 'served' || first.over;
        while (!reached() && !(first.over && expected instanceof RegExp && victim.changes === 0)) {
          await turn();
          assert.equal(await other.look(), 'served');
        }
        if (expected instanceof RegExp) assert.match(said(), expected);
        else if (expected === 'served') assert.equal(first.served, 'served', said());
        else if (expected === 'silent') assert.equal(first.served, undefined);
        for (const text of victim.said)
          assert.ok(text.length < 1_100, `${text.length} characters are kept of a failure`);
        // 16 of what was left over, 16 of what came then: both may lie between two marks of this test's.
        assert.ok(victim.mostInTurn <= 32, `${victim.mostInTurn} events in one turn`);
        await hostile.stop();
        await looking;
      } finally {
        await Promise.all([victim.session.close(), other.session.close()]);
        await Promise.all([hostile.stop().catch(() => undefined), good.stop()]);
      }
    });
  }
});
