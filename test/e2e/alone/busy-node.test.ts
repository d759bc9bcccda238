import assert from 'node:assert/strict';
import { list } from '../support/api.js';
import { needsTestBed } from '../support/bed.js';
import { podsOf, PRODUCT, restartsOf, type Program } from '../support/faults.js';
import { apply } from '../support/api.js';
import { instance, removeWhole, tinySpec, untilPhase, useNamespace } from '../support/machines.js';
import { overload } from '../support/overload.js';
import { latenessBetween, scrape } from '../../support/program-metrics.js';

/** As much as three nodes of this size could do. */
const TIMES = 3;
/** `BUSY_SECONDS=600 npx mocha --exit test/e2e/alone/busy-node.test.ts` is the long form. */
const SECONDS = Number(process.env['BUSY_SECONDS'] ?? 40);
const GUESTS = ['a', 'b'];
const PROGRAMS: readonly Program[] = ['virt-agent', 'virt-controller', 'virt-webhook'];

interface Event {
  readonly reason: string;
  readonly message: string;
  readonly lastTimestamp: string;
}

/** Restarts of all our programs, by pod: one that was replaced is not the same. */
const lives = async (): Promise<Record<string, number>> => {
  const pods = (await Promise.all(PROGRAMS.map((program) => podsOf(program)))).flat();
  return Object.fromEntries(pods.map((pod) => [pod.metadata.name, restartsOf(pod)]));
};

describe('a node at three times its CPU', function () {
  const namespace = useNamespace('e2e-busy-node');
  this.timeout((SECONDS + 600) * 1000);

  it('costs no program of ours its life; VMs start and end, later than elsewhere', async function () {
    needsTestBed(this, 'its load is made on this machine');
    const [began, before] = [new Date().toISOString(), await lives()];
    const [agent] = await podsOf('virt-agent');
    const address = `http://${agent?.status.podIP ?? ''}:8080`;
    const first = await scrape(address);
    await overload(namespace, TIMES);
    const end = Date.now() + SECONDS * 1000;
    const times: number[] = [];
    do {
      const start = Date.now();
      const spec = tinySpec({ terminationGracePeriodSeconds: 0 });
      await Promise.all(GUESTS.map((name) => apply(instance(namespace, name, spec))));
      await Promise.all(
        GUESTS.map(async (name) => {
          await untilPhase(namespace, name, 'Running');
          times.push((Date.now() - start) / 1000);
        }),
      );
      await removeWhole(namespace, 'vmi', GUESTS);
      const now = await scrape(address);
      const [rss, used] = ['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'].map((name) => now.get(name));
      process.stdout.write(`      ${times.length} starts: ${rss} ${used} ${now.get('process_open_fds')}\n`);
    } while (Date.now() < end);
    const last = await scrape(address);
    const [quickest, slowest] = [Math.min(...times), Math.max(...times)];
    process.stdout.write(
      `      ${times.length} starts, ${quickest.toFixed(1)} to ${slowest.toFixed(1)} s; ` +
        `the agent used ${((last.get('process_cpu_seconds_total') ?? 0) - (first.get('process_cpu_seconds_total') ?? 0)).toFixed(1)} s of CPU; ` +
        `lateness of its loop: ${latenessBetween(first, last)}\n`,
    );
    assert.deepEqual(await lives(), before);
    const killings = (await list<Event>(PRODUCT, 'event')).filter(
      ({ reason, message, lastTimestamp }) =>
        lastTimestamp >= began && (reason === 'Killing' || /^Liveness probe failed/.test(message)),
    );
    assert.deepEqual(
      killings.map(({ message }) => message),
      [],
    );
  });
});
