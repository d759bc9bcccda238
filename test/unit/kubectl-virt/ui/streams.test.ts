import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { buildPrograms } from '../../../support/built-program.js';
import { fakeCluster, vm, vmi, type FakeCluster } from './fake-cluster.js';
import { logIn, type Login } from './login.js';
import { serveUi, type Served } from './served.js';

const CHUNK = 64 * 1024;
const CHUNKS = 320;
const MEBIBYTE = 2 ** 20;

describe('streams of a guest in the page of kubectl virt ui', function () {
  this.timeout(60_000);
  let cluster: FakeCluster;
  let served: Served;
  let login: Login;
  before(async () => {
    buildPrograms('kubectl-virt');
    cluster = await fakeCluster();
    cluster.put('virtualmachines', vm('prod', 'web'));
    cluster.put('virtualmachineinstances', vmi('prod', 'web'));
    served = await serveUi(cluster.flags);
    login = await logIn(served.link);
  });
  after(async () => {
    await served.stop();
    await cluster.close();
  });

  const open = async (stream: string, query = ''): Promise<WebSocket> => {
    const headers = { cookie: login.cookie, origin: served.link.origin };
    const socket = new WebSocket(`ws://${served.link.host}${login.root}${stream}/prod/web${query}`, { headers });
    await new Promise((resolve, reject) => {
      socket.once('message', resolve);
      socket.once('error', reject);
    });
    return socket;
  };
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    const end = Date.now() + 20_000;
    while (!holds()) {
      assert.ok(Date.now() < end, what);
      await sleep(10);
    }
  };

  it('are read no faster than the terminal draws, and lose nothing', async () => {
    const page = await open('console');
    let received = 0;
    let draws = false;
    page.on('message', (data: Buffer) => {
      received += data.byteLength;
      if (draws) page.send(String(data.byteLength));
    });
    for (let index = 0; index < CHUNKS; index += 1) cluster.say('console', Buffer.alloc(CHUNK, 0x41));
    await until('something', () => received >= MEBIBYTE);
    await sleep(300);
    assert.ok(received <= MEBIBYTE + 4 * CHUNK, `${received} bytes for a terminal that draws nothing`);
    draws = true;
    page.send(String(received));
    await until('all of it', () => received === CHUNK * CHUNKS);
    page.terminate();
  });

  it('take no word of a page for more than it is, and no text for what is typed', async () => {
    const page = await open('console');
    for (const text of ['-1', 'NaN', '1e999', '{}', 'rm -rf /\n', '']) page.send(text);
    page.send(Buffer.from('typed'));
    await until('what was typed', () => cluster.streamed('console').toString() === 'typed');
    page.terminate();
  });

  it('say how they ended', async () => {
    const page = await open('console');
    const ended = new Promise((resolve) => page.on('close', (code, reason) => resolve(`${code} ${reason.toString()}`)));
    cluster.end('console', 4002, 'web was powered off');
    assert.equal(await ended, '4002 web was powered off');
  });

  it('look on at a screen where the page asks for that, and at a console never', async () => {
    const before = cluster.upgrades.length;
    for (const [stream, query] of [
      ['screen', ''],
      ['screen', '?watch=true'],
      ['screen', '?watch=false&preserveSession=true&x=/../../y'],
      ['console', '?watch=true'],
    ] as const)
      (await open(stream, query)).terminate();
    assert.deepEqual(cluster.upgrades.slice(before), ['vnc', 'vnc?watch=true', 'vnc', 'console']);
    await assert.rejects(open('screen', '?watch=maybe'), /403/);
  });

  it('end at the guest when the page is closed', async () => {
    const page = await open('console');
    assert.equal(cluster.streams('console'), 1);
    page.close();
    await until('the end', () => cluster.streams('console') === 0);
  });
});
