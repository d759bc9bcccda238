import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply } from './support/api.js';
import { ConsoleSession } from './support/console.js';
import { connectTo, forwarding } from './support/forward.js';
import { kubectl } from './support/kubectl.js';
import { instance, tapSpec, untilPhase, useNamespace } from './support/machines.js';

/** Milliseconds of silence in both directions after which the proxy cuts; ours ping each 20 s. */
const SILENCE_MS = 25_000;

/** What stands before many API servers: it cuts whatever is silent for a while. */
class ImpatientProxy {
  cuts = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.serve(client));

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  async start(): Promise<number> {
    this.server.listen(0, this.host);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  private serve(client: Socket): void {
    const server = connect(this.port, this.host);
    const cut = (): void => {
      this.cuts += 1;
      client.destroy();
      server.destroy();
    };
    let timer = setTimeout(cut, SILENCE_MS);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', () => {
        clearTimeout(timer);
        timer = setTimeout(cut, SILENCE_MS);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        clearTimeout(timer);
        this.sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

/*
 * Users lose their consoles to load balancers that cut what is silent (docs/reference/control.md §3.6).
 */
describe('a stream on which nothing is said', function () {
  this.timeout(600_000);
  const namespace = useNamespace('e2e-idle-streams');

  it('outlives a proxy that cuts silent connections: a console and a forwarded port', async () => {
    const view = JSON.parse(await kubectl(['config', 'view', '--minify', '-o', 'json'])) as {
      clusters: { cluster: { server: string } }[];
    };
    const { hostname, port } = new URL(view.clusters[0]?.cluster.server ?? '');
    const proxy = new ImpatientProxy(hostname, Number(port));
    const proxied = await proxy.start();
    const flags = ['--server', `https://${hostname}:${proxied}`];
    await apply(instance(namespace, 'silent', tapSpec()));
    await untilPhase(namespace, 'silent', 'Running');
    const session = new ConsoleSession(namespace, 'silent', flags);
    const forward = await forwarding(namespace, 'vmi/silent', ['0:7000'], flags);
    try {
      await session.shell(180);
      session.type('dmesg -n 1; udhcpc -i eth0 -n -q; nc -l -p 7000 -e cat & echo listens-$((40+2))\r');
      await session.expect(/listens-42/, 90);
      const answers = await connectTo(forward.ports[0] ?? 0);
      answers.write('before ');
      assert.equal(String((await once(answers, 'data'))[0]), 'before ');
      // One without our pings, to see that the proxy does what is said of it.
      const idle = connect(proxied, hostname);
      const idleEnds = once(idle, 'close').then(() => Date.now());
      const since = Date.now();
      await sleep(3 * SILENCE_MS - 5_000);
      assert.ok((await idleEnds) - since < 2 * SILENCE_MS);
      assert.equal(proxy.cuts, 1);
      answers.write('after');
      assert.equal(String((await once(answers, 'data'))[0]), 'after');
      answers.destroy();
      session.type('echo still-$((40+2))\r');
      await session.expect(/still-42/, 30);
    } finally {
      await session.close();
      await forward.stop();
      proxy.stop();
    }
  });
});
