import assert from 'node:assert/strict';
import { LibvirtError } from 'node-libvirt';
import { guestOsInfo, guestUsers } from '../../../../src/agent/api/guest-reports.js';
import type { RunningGuest } from '../../../../src/agent/api/running-guest.js';
import { GuestQuestions } from '../../../../src/agent/vm/guest-questions.js';
import { FakeClock } from '../../kube/fake-clock.js';

const ANSWERS: Readonly<Record<string, unknown>> = {
  'guest-info': { version: '7.2', supported_commands: [{ name: 'guest-exec', enabled: true }] },
  'guest-get-host-name': { 'host-name': 'web' },
  'guest-get-osinfo': { id: 'debian' },
  'guest-get-timezone': { zone: 'UTC', offset: 0 },
  'guest-get-users': [{ user: 'root' }],
  'guest-get-fsinfo': [],
  'guest-fsfreeze-status': 'thawed',
};

/** A guest, what was asked of its agent, and a clock that each question moves on. */
const guestWith = (options: { connected?: boolean; answer?: (command: string) => unknown; takesMs?: number } = {}) => {
  const { connected = true, answer = (command) => ANSWERS[command], takesMs = 0 } = options;
  const clock = new FakeClock();
  const asked: string[] = [];
  const guest = {
    key: 'default/web',
    vmi: { metadata: { name: 'web' }, spec: { domain: { devices: {} } } },
    view: { xml: { guestAgentConnected: connected } },
    clock,
    session: { questions: new GuestQuestions(clock) },
    hypervisor: {
      guestAgent: async (command: string, seconds: number) => {
        const { execute } = JSON.parse(command) as { execute: string };
        asked.push(`${execute} ${seconds}`);
        await clock.advance(takesMs);
        const said = answer(execute);
        if (said instanceof Error) throw said;
        return { return: said };
      },
    },
  } as unknown as RunningGuest;
  return { guest, asked, clock };
};
const libvirtError = (code: number, message: string) =>
  new LibvirtError({ code, domain: 10, message, level: 2 }, 'qemuAgentCommand');

describe('what a guest says of itself', () => {
  it('is all that its agent answers', async () => {
    const { guest } = guestWith();
    assert.deepEqual(await guestOsInfo(guest), {
      guestAgentVersion: '7.2',
      supportedCommands: [{ name: 'guest-exec', enabled: true }],
      hostname: 'web',
      os: { id: 'debian' },
      timezone: 'UTC, 0',
      userList: [{ userName: 'root' }],
      fsInfo: { disks: [] },
      fsFreezeStatus: 'thawed',
    });
    assert.deepEqual(await guestUsers(guest), { items: [{ userName: 'root' }] });
  });

  it('is asked once for all who ask in the same seconds', async () => {
    const { guest, asked, clock } = guestWith();
    await Promise.all(Array.from({ length: 100 }, () => guestUsers(guest)));
    assert.deepEqual(asked, ['guest-get-users 5']);
    await clock.advance(3_000);
    await guestUsers(guest);
    assert.equal(asked.length, 2);
    await clock.advance(3_000);
    assert.equal(guest.session.questions.size, 0, 'what was answered is kept no longer');
  });

  it('ends with what was answered within the time, where the agent takes long over each', async () => {
    const { guest, asked } = guestWith({ takesMs: 3_000 });
    const { hostname, os, userList } = await guestOsInfo(guest);
    assert.deepEqual([hostname, os, userList], ['web', { id: 'debian' }, []]);
    assert.deepEqual(asked, ['guest-info 5', 'guest-get-host-name 4', 'guest-get-osinfo 1']);
  });

  it('is asked for again where it failed for somebody who could not wait, whether he still waits or not', async () => {
    const clock = new FakeClock();
    const questions = new GuestQuestions(clock);
    const asked: number[] = [];
    const slow = {
      guestAgent: async (_command: string, seconds: number) => {
        asked.push(seconds);
        await new Promise((resolve) => setImmediate(resolve));
        if (seconds < 3) throw libvirtError(86, 'no answer');
        return { return: [{ user: 'root' }] };
      },
    };
    const impatient = questions.ask(slow, 'guest-get-users', 1);
    const patient = Promise.all([questions.ask(slow, 'guest-get-users'), questions.ask(slow, 'guest-get-users')]);
    await assert.rejects(impatient);
    assert.equal((await patient).length, 2);
    assert.deepEqual(asked, [1, 5]);
    await clock.advance(3_000);
    await assert.rejects(questions.ask(slow, 'guest-get-users', 1));
    assert.equal((await questions.ask(slow, 'guest-get-users')).length, 1);
    assert.deepEqual(asked, [1, 5, 1, 5]);
  });

  it('leaves out what the agent refuses', async () => {
    const { guest } = guestWith({
      answer: (command) => (command === 'guest-info' ? ANSWERS[command] : new Error('has been disabled')),
    });
    const report = await guestOsInfo(guest);
    assert.deepEqual([report.guestAgentVersion, report.hostname, report.userList], ['7.2', undefined, []]);
  });

  it('is refused where there is no agent, where it hangs and where it may not, each with what to do', async () => {
    const refusals: [Parameters<typeof guestWith>[0], RegExp][] = [
      [{ connected: false }, /"web": VMI does not have guest agent connected: install qemu-guest-agent/],
      [{ answer: () => libvirtError(86, 'no answer') }, /does not answer: restart qemu-guest-agent/],
      [{ answer: () => libvirtError(1, 'Command guest-get-users has been disabled') }, /take it out of block-rpcs/],
      [{ answer: () => new Error('boom \u001b[2J') }, /failed in the guest: boom �\[2J$/],
    ];
    for (const [options, message] of refusals) {
      const { guest, asked } = guestWith(options);
      await assert.rejects(guestUsers(guest), { name: 'StatusError', code: 409, message });
      assert.equal(asked.length, options?.connected === false ? 0 : 1);
    }
  });
});
