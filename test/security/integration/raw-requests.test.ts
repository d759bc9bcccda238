import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exchange, inParallel } from '../../support/raw-client.js';
import { rawRequest, rawRequests, TLS_GARBAGE } from '../../support/raw-requests.js';
import { PORT_NAMES, Ports, requireServed, type Port } from './ports.js';

/** Beyond what a program has when it has answered them once: V8 keeps what it got, up to some 35 MiB. */
const MORE_MEMORY_MIB = 32;
/** Fewer than a port takes of one address. */
const AT_A_TIME = 24;
/** What nobody thought of, at each port. */
const GENERATED = 300;

/**
 * 503 is how a program says that it is not ready, and how the aggregated API says what is missing. Nothing else is an
 * error of ours.
 */
const isDocumented = (status: number): boolean => status < 500 || status === 503;

describe('raw requests at every port of every program as built', function () {
  this.timeout(300_000);
  let ports: Ports | undefined;
  before(async () => {
    ports = await Ports.start();
  });
  after(() => ports?.stop());

  const send = async ({ name, program, target }: Port, bytes: readonly Buffer[]): Promise<number> => {
    let answered = 0;
    await inParallel(bytes, AT_A_TIME, async (each) => {
      const { statuses } = await exchange(target, each);
      const start = JSON.stringify(each.toString('latin1', 0, 120));
      assert.ok(statuses.every(isDocumented), `${name} answers ${statuses.join()} to ${start}`);
      assert.ok(program.lives, `${name} ended about when this came: ${start}\n${program.lastWords}`);
      if (statuses.length > 0) answered += 1;
    });
    return answered;
  };

  for (const [index, name] of PORT_NAMES.entries()) {
    it(`cost ${name} no error, no life and little memory`, async () => {
      const port = ports!.all[index]!;
      const [seed, fixed] = [Date.now() % 2 ** 31, rawRequests()];
      const generated = fc.sample(rawRequest, { seed, numRuns: GENERATED });
      // Compiling what is used for the first time takes memory too, and the room for new objects grows with every
      // burst.
      await send(port, port.target.tls ? fixed.filter((_, i) => i % 3 === 0) : fixed);
      const before = port.program.rssMib;
      const answered = await send(port, [...fixed, ...generated]);
      const more = port.program.rssMib - before;
      console.log(
        `      ${port.name}: ${fixed.length} + ${GENERATED} (seed ${seed}), ${answered} answered, ${before.toFixed(0)} MiB + ${more.toFixed(1)}`,
      );
      assert.ok(answered > fixed.length / 2, `only ${answered} were answered`);
      await requireServed(port);
      assert.ok(more <= MORE_MEMORY_MIB, `${more} MiB more`);
      assert.doesNotMatch(port.program.log, /nobody handled|was not caught/);
    });
  }

  it('that are not TLS where TLS is spoken end their connection only', async () => {
    for (const port of ports!.all.filter(({ target }) => target.tls)) {
      const plain = { ...port, target: { port: port.target.port } };
      await send(plain, [...TLS_GARBAGE, ...rawRequests().slice(0, 200)]);
      await requireServed(port);
    }
  });

  it('reach nothing of the agent without the certificate of the webhook', async () => {
    const port = ports!.all.find(({ name }) => name.startsWith("agent's streams"))!;
    const stranger = { ...port.target, tls: { rejectUnauthorized: false } };
    const { statuses } = await exchange(stranger, Buffer.from(port.probe[0]));
    assert.deepEqual(statuses, []);
    await requireServed(port);
  });
});
