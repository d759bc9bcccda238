import assert from 'node:assert/strict';
import { CpuRates } from '../../../../src/agent/vm/cpu-rates.js';
import { usageOf } from '../../../../src/agent/vm/usage.js';
import { POD, usageOf as domainUsageOf, VIEW } from '../vm-metrics/observed.js';
import { FakeClock } from '../../kube/fake-clock.js';

describe('how much of the node’s processors a VM has', () => {
  const vm = () => {
    const session = { seconds: 0 as number | undefined, asked: 0 };
    return {
      session,
      counted: {
        cpuSeconds: () => {
          session.asked += 1;
          return session.seconds === undefined
            ? Promise.reject(new Error('the launcher pod has ended'))
            : Promise.resolve(session.seconds);
        },
      },
    };
  };

  it('is known at once, over the time since the last look that is old enough', async () => {
    const clock = new FakeClock();
    const { session, counted } = vm();
    const rates = new CpuRates(() => [counted], clock);
    rates.start();
    session.seconds = 7.5;
    await clock.advance(15_000);
    // The look of just now is too young; the one before says 0.5 CPUs.
    session.seconds = 8;
    await clock.advance(1_000);
    assert.deepEqual(await rates.rate(counted), { cores: 0.5, windowSeconds: 16 });
    session.seconds = 17.5;
    await clock.advance(9_000);
    assert.deepEqual(await rates.rate(counted), { cores: 1, windowSeconds: 10 });
    rates.stop();
    const { asked } = session;
    await clock.advance(60_000);
    assert.equal(session.asked, asked, 'and nothing is read after its end');
  });

  it('takes a second of one that was never looked at', async () => {
    const clock = new FakeClock();
    const { session, counted } = vm();
    const rates = new CpuRates(() => [], clock);
    const answer = rates.rate(counted);
    session.seconds = 0.25;
    await clock.advance(1_000);
    assert.deepEqual(await answer, { cores: 0.25, windowSeconds: 1 });
  });

  it('is not known of one that has ended, or whose count began again', async () => {
    const clock = new FakeClock();
    const { session, counted } = vm();
    session.seconds = 100;
    const rates = new CpuRates(() => [counted], clock);
    rates.start();
    await clock.advance(10_000);
    session.seconds = 1;
    assert.equal(await rates.rate(counted), undefined);
    session.seconds = undefined;
    assert.equal(await rates.rate(counted), undefined);
    rates.stop();
  });
});

describe('what the agent answers of a VM’s use', () => {
  const rates = { rate: () => Promise.resolve({ cores: 0.5, windowSeconds: 15 }) };
  const session = {
    cpuSeconds: () => Promise.resolve(5),
    podUsage: () => Promise.resolve(POD),
    domainUsage: () => Promise.resolve(domainUsageOf()),
    domain: VIEW,
  };

  it('is the kernel’s word of its use, and the guest’s of its memory', async () => {
    assert.deepEqual(await usageOf(session, rates, new FakeClock()), {
      timestamp: '2026-01-01T00:00:00.000Z',
      cpu: { vcpus: 1, cores: 0.5, windowSeconds: 15, seconds: 5 },
      memory: { resident: 2_500_000, guest: 2 ** 31, guestUsed: 500_000 * 1024 },
      disk: { readBytes: 4096, writtenBytes: 8192 },
      network: { receivedBytes: 100, sentBytes: 200 },
    });
  });

  it('counts a card with a tap from the guest’s side', async () => {
    const [device] = POD.devices;
    const tap = { ...device!, name: 'tap0' };
    const view = { ...VIEW, xml: { ...VIEW.xml, interfaces: [{ name: 'default', device: 'tap0' }] } };
    const podUsage = () => Promise.resolve({ ...POD, devices: [device!, tap] });
    const { network } = await usageOf({ ...session, podUsage, domain: view }, rates, new FakeClock());
    assert.deepEqual(network, { receivedBytes: 200, sentBytes: 100 });
  });

  it('does not wait for a libvirtd that hangs', async () => {
    const clock = new FakeClock();
    const answer = usageOf({ ...session, domainUsage: () => new Promise<never>(() => undefined) }, rates, clock);
    await clock.advance(2_000);
    assert.deepEqual((await answer).memory, { resident: 2_500_000 });
  });

  it('is what can be had where a guest lies or nothing runs any more', async () => {
    const gone = () => Promise.reject(new Error('gone'));
    const lies = () => Promise.resolve(domainUsageOf([['balloon.usable', 2_097_152n]]));
    const said = await usageOf({ ...session, domainUsage: lies }, rates, new FakeClock());
    assert.equal(said.memory.guestUsed, undefined);
    const nothing = await usageOf(
      { cpuSeconds: gone, podUsage: gone, domainUsage: gone, domain: undefined },
      { rate: () => Promise.resolve(undefined) },
      new FakeClock(),
    );
    assert.deepEqual([nothing.cpu, nothing.memory, nothing.disk, nothing.network], [{}, {}, {}, {}]);
  });
});
