import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { Load } from './load.js';
import { review, StandaloneWebhook } from './standalone-webhook.js';

/** How often kubelet asks for readiness is how late a Service may know; the delay of the shutdown is longer. */
const PROBE_MS = 300;
const SHUTDOWN_DELAY = '1';

/** A replica as a Service sees it: new connections go to those that said they are ready when they were asked last. */
class Replica {
  ready = false;
  calls = 0;
  /** Connections stay open as long as the server lets them, wherever new ones go: kube-proxy moves none. */
  private readonly agents = new Map<number, Agent>();

  private constructor(readonly webhook: StandaloneWebhook) {}

  static async start(): Promise<Replica> {
    return new Replica(await StandaloneWebhook.start('--shutdown-delay', SHUTDOWN_DELAY));
  }

  async probe(): Promise<void> {
    const answer = await this.webhook.get('/readyz').catch(() => undefined);
    this.ready = answer?.status === 200;
  }

  /** Whether this client has an open connection that no request uses. */
  isConnectedTo(client: number): boolean {
    return Object.values(this.agents.get(client)?.freeSockets ?? {}).some((sockets) => (sockets?.length ?? 0) > 0);
  }

  async call(client: number): Promise<void> {
    const agent = this.agents.get(client) ?? new Agent({ keepAlive: true, maxSockets: 1 });
    this.agents.set(client, agent);
    const { status, review: answer } = await this.webhook.call('/validate', review(manifest({})), { agent });
    assert.equal(status, 200);
    assert.equal(answer.response.allowed, true);
    this.calls += 1;
  }

  /** These clients connect again with their next call, as idle connections end some time. */
  forget(...clients: readonly number[]): void {
    for (const client of clients) {
      const agent = this.agents.get(client);
      this.agents.delete(client);
      // What is on its way is answered first.
      agent?.on('free', () => agent.destroy());
      if (agent !== undefined && Object.keys(agent.sockets).length === 0) agent.destroy();
    }
  }

  end(): void {
    for (const agent of this.agents.values()) agent.destroy();
    this.webhook.kill();
  }
}

describe('two replicas, restarted one after the other under load', function () {
  this.timeout(300_000);
  let replicas: Replica[] = [];
  let probing: NodeJS.Timeout;
  let load: Load | undefined;

  before(async () => {
    replicas = await Promise.all([Replica.start(), Replica.start()]);
    await Promise.all(replicas.map((replica) => replica.probe()));
    probing = setInterval(() => {
      for (const replica of replicas) void replica.probe();
    }, PROBE_MS);
  });
  after(async () => {
    await load?.end();
    clearInterval(probing);
    for (const replica of replicas) replica.end();
  });

  it('fail no call, and end with exit code 0', async () => {
    let next = 0;
    /** The open connection where there is one, else a new one to a replica that is ready. */
    load = new Load(async (client) => {
      const open = replicas.find((replica) => replica.isConnectedTo(client));
      const ready = replicas.filter((replica) => replica.ready);
      const chosen = open ?? ready[next++ % ready.length];
      assert.ok(chosen, 'no replica is ready');
      await chosen.call(client);
    }, 6);

    const served = async (replica: Replica): Promise<void> => {
      const before = replica.calls;
      while (replica.calls < before + 20) await sleep(10);
    };
    for (const index of [0, 1]) {
      const old = replicas[index]!;
      await served(old);
      assert.equal(await old.webhook.terminate(), 0);
      const fresh = await Replica.start();
      replicas[index] = fresh;
      old.end();
      // Clients stay where they are connected; some are sent to the new one.
      const [other] = replicas.filter((replica) => replica !== fresh);
      while (!fresh.ready) await sleep(10);
      other!.forget(0, 1, 2);
      await served(fresh);
    }
    const { calls, failures } = await load.end();
    assert.deepEqual(failures, []);
    assert.ok(calls > 200, `${calls} calls`);
  });
});
