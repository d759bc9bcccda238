import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { LIMITS } from '../../../src/webhook/server.js';
import { review, StandaloneWebhook, type Answer } from './standalone-webhook.js';

/** Whoever attacks comes from here, an API server from 127.0.0.1. */
const ATTACKER = '127.0.0.2';
const MIB = 1024 * 1024;
/** The limit of the pod in manifests/virt-webhook.yaml. */
const POD_MEMORY_MIB = 512;
/** A webhook's answer is read within that, and nobody needs more to see what is wrong. */
const MAX_ANSWER_BYTES = 2 * MIB;

let webhook: StandaloneWebhook;
let server: Agent;

/** What an API server asks all day long. @throws AssertionError when it gets another answer than ever */
const askAsUsual = async (): Promise<void> => {
  const { status, review: answer } = await webhook.call('/validate', review(manifest({})), { agent: server });
  assert.equal(status, 200);
  assert.equal(answer.response.uid, 'uid-VirtualMachineInstance');
  assert.equal(answer.response.allowed, true);
};

/** Asks as usual until an attack is over; every call must succeed. Gives what the attack gives. */
const servedDuring = async <T>(attack: Promise<T>): Promise<T> => {
  let over = false;
  const attacked = attack.finally(() => {
    over = true;
  });
  // Whatever comes of it is told below.
  attacked.catch(() => undefined);
  let calls = 0;
  do {
    await askAsUsual();
    calls += 1;
    await sleep(20);
  } while (!over);
  const result = await attacked;
  assert.ok(calls > 0);
  return result;
};

/** Refused with the status, as an AdmissionReview; what is refused unread may be cut off while it is being sent. */
const refusedWith = async (expected: number, sent: Promise<Answer>): Promise<void> => {
  const answer = await sent.catch((error: unknown) => {
    assert.equal(expected, 413, String(error));
    return undefined;
  });
  if (answer === undefined) return;
  assert.equal(answer.status, expected, answer.text);
  assert.ok(answer.text.length < MAX_ANSWER_BYTES);
  // What says that it is too large is refused before anybody looks at its path; the answer is not always cut off.
  if (expected === 413 && (answer.review.kind as string) === 'Status') return;
  assert.equal(answer.review.kind, 'AdmissionReview');
  assert.equal(answer.review.response.allowed, false);
};

const attack = (body: string | Buffer, options: object = {}): Promise<Answer> =>
  webhook.call('/validate', body, { localAddress: ATTACKER, ...options });

/** However it ends: to be cut off may show as an error, which `once` of node:events would throw. */
const ended = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
};

const causesOf = ({ review: answer }: Answer) => answer.response.status?.details?.causes ?? [];

describe('hostile input', function () {
  this.timeout(300_000);

  before(async () => {
    webhook = await StandaloneWebhook.start();
    server = new Agent({ keepAlive: true, maxSockets: 2 });
  });
  after(() => {
    server.destroy();
    webhook.kill();
  });
  afterEach(async () => {
    await askAsUsual();
    assert.ok(webhook.rssMib < POD_MEMORY_MIB, `${webhook.rssMib} MiB`);
  });

  it('that is no AdmissionReview is refused as one', async () => {
    const bodies = ['', '{', 'null', '[]', '7', '"x"', '{"kind":"AdmissionReview"}', '{"request":null}', '{}{}'];
    for (const body of bodies) await refusedWith(400, attack(body));
    const other = JSON.parse(review({})) as Record<string, unknown>;
    for (const change of [{ request: [] }, { request: { uid: 7 } }, { apiVersion: 'v1' }, { kind: 'List' }]) {
      const { review: answer } = await attack(JSON.stringify({ ...other, ...change }));
      assert.equal(answer.response.allowed, false);
      assert.equal(answer.response.status?.code, 400);
    }
  });

  it('of another type, encoding or path is refused', async () => {
    for (const type of ['text/plain', 'application/yaml', 'application/x-www-form-urlencoded', '', 'application/jsonx'])
      await refusedWith(415, attack(review(manifest({})), { headers: { 'content-type': type } }));
    const compressed = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    await refusedWith(415, attack(Buffer.from([0x1f, 0x8b]), { headers: compressed }));
    assert.equal((await attack('{}', { path: '/nothing' })).status, 404);
    assert.equal((await attack('{}', { path: '/validate/../../etc/passwd' })).status, 404);
    assert.equal((await attack('', { method: 'GET' })).status, 404);
  });

  it('that is not UTF-8 is refused, and half a character answered as it was asked', async () => {
    const text = review(manifest({ 'metadata.annotations': { note: 'MARK' } }));
    for (const bytes of [
      [0xff, 0xfe],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
    ]) {
      const [before = '', after = ''] = text.split('MARK');
      await refusedWith(400, attack(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])));
    }
    const answer = await attack(review(manifest({ 'spec.hostname': 'HALF' })).replace('HALF', '\\ud83d'));
    assert.deepEqual(
      causesOf(answer).map(({ field }) => field),
      ['spec.hostname'],
    );
    assert.ok(!answer.text.includes('\ufffd'));
  });

  it('with keys that reach prototypes is refused at every depth, and changes nothing', async () => {
    const text = review(manifest({ 'metadata.labels': { MARK: 'x' }, 'spec.nodeSelector': { MARK: 'x' } }));
    for (const key of ['__proto__', 'constructor']) {
      await refusedWith(400, attack(`{"${key}":{"allowed":true},${text.slice(1)}`));
      await refusedWith(400, attack(text.replace('MARK', key)));
      await refusedWith(400, attack(text.replace('"MARK":"x"', `"${key}":{"toString":7}`)));
      // JSON's own way to write a letter.
      await refusedWith(400, attack(text.replace('MARK', key.replace('o', '\\u006f'))));
    }
    // Names of other members of Object.prototype are labels like all.
    for (const key of ['toString', 'valueOf', 'hasOwnProperty', 'prototype']) {
      const answer = await attack(text.replaceAll('MARK', key));
      assert.equal(answer.review.response.allowed, true, answer.text);
    }
  });

  it('with a key twice is read as the API server reads it: the last one counts', async () => {
    const text = review(manifest({ 'spec.hostname': 'GOOD' }));
    const twice = (first: string, last: string) =>
      attack(text.replace('"hostname":"GOOD"', `"hostname":${first},"hostname":${last}`));
    assert.equal((await twice('"NOT A NAME"', '"good"')).review.response.allowed, true);
    assert.deepEqual(
      causesOf(await twice('"good"', '"NOT A NAME"')).map(({ field }) => field),
      ['spec.hostname'],
    );
    const uid = await attack(text.replace('GOOD', 'good').replace('"uid":', '"uid":"first","uid":'));
    assert.equal(uid.review.response.uid, 'uid-VirtualMachineInstance');
  });

  it('nested without end is refused, whatever nests', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['[{"spec":', '}]'],
    ] as const) {
      const nested = (levels: number) => open.repeat(levels) + '1' + close.repeat(levels);
      await refusedWith(400, attack(nested(101)));
      await refusedWith(400, attack(nested(Math.floor((0.9 * MIB) / (open.length + close.length)))));
      await refusedWith(400, attack(open.repeat(Math.floor((0.9 * MIB) / open.length))));
      await refusedWith(400, attack(review(manifest({ 'spec.domain': 'MARK' })).replace('"MARK"', nested(1000))));
    }
  });

  it('of up to 7 MiB is judged, of more refused', async () => {
    const object = manifest({ 'spec.volumes[1].cloudInitNoCloud.userData': 'a'.repeat(6 * MIB) });
    assert.deepEqual(
      causesOf(await attack(review(object))).map(({ field }) => field),
      ['spec.volumes[1].cloudInitNoCloud.userData'],
    );
    await refusedWith(413, attack(Buffer.alloc(7 * MIB + 1, 0x20)));
    const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    await refusedWith(413, attack(Buffer.alloc(7 * MIB + 1, 0x20), { headers: chunked }));
  });

  it('of hundreds of thousands of items is answered with as many causes as somebody can read, of millions refused', async () => {
    const filled = (text: string, bytes: number) =>
      `[${Array(Math.floor(bytes / (text.length + 1)))
        .fill(text)
        .join()}]`;
    const fields = [
      'spec.volumes',
      'spec.tolerations',
      'spec.domain.cpu.features',
      'spec.dnsConfig.searches',
      'spec.x',
    ];
    for (const field of fields) {
      const text = review(manifest({ [field]: 'MARK' }));
      for (const item of ['0', '{}', '""', '{"name":"a","key":"a"}']) {
        const body = text.replace('"MARK"', filled(item, 0.9 * MIB));
        for (const path of ['/validate', '/mutate']) {
          const answer = await attack(body, { path });
          assert.equal(answer.status, 200, `${field} ${item}`);
          assert.ok(causesOf(answer).length <= 1001, `${field} ${item}: ${causesOf(answer).length} causes`);
          assert.ok(answer.text.length < MAX_ANSWER_BYTES, `${field} ${item}: ${answer.text.length} bytes`);
        }
      }
      await refusedWith(413, attack(text.replace('"MARK"', filled('{}', 6 * MIB))));
    }
  });

  it('in forty bodies of 6.5 MiB at once stays within the memory of the pod, and nobody else waits', async () => {
    const object = manifest({ 'metadata.annotations': { note: 'a'.repeat(6.5 * MIB) } });
    const body = review(object);
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, webhook.rssMib)), 20);
    const answers = await servedDuring(
      Promise.all(
        Array.from({ length: 40 }, () =>
          attack(body).then(
            ({ status }) => status,
            () => 0,
          ),
        ),
      ),
    );
    clearInterval(watch);
    assert.ok(most < POD_MEMORY_MIB, `${most} MiB`);
    // Too many at a time, or judged, or cut off while they were sent: all of them, where the machine is slow enough.
    assert.ok(
      answers.every((status) => [0, 200, 429].includes(status)),
      answers.join(),
    );
    // What they held is free again: alone such a body is judged.
    let alone = 0;
    for (let tries = 0; alone !== 200 && tries < 20; tries += 1) {
      if (tries > 0) await sleep(500);
      alone = await attack(body).then(
        ({ status }) => status,
        () => 0,
      );
    }
    assert.equal(alone, 200);
  });

  it('in bodies that never end holds what large bodies may hold, and small ones are read all the same', async () => {
    const head = `POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${7 * MIB}\r\n\r\n`;
    const open = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const socket = connectTls({
          port: webhook.port,
          host: '127.0.0.1',
          ca: webhook.ca,
          localAddress: ATTACKER,
        } as never);
        socket.on('error', () => undefined);
        await once(socket, 'secureConnect');
        socket.resume().write(head);
        await new Promise((resolve) => socket.write(Buffer.alloc(6.9 * MIB, 0x20), resolve));
        return socket;
      }),
    );
    await servedDuring(sleep(1000));
    assert.ok(webhook.rssMib < POD_MEMORY_MIB, `${webhook.rssMib} MiB`);
    for (const socket of open) socket.destroy();
  });

  it('that comes slowly, never comes whole or is never read is cut off in time, and others are served meanwhile', async () => {
    const { port, ca } = webhook;
    const sockets: Socket[] = [];
    /** Twenty connections that do the same. */
    const connections = async (begin: (socket: Socket) => void, tls = true): Promise<void> => {
      for (let i = 0; i < 20; i += 1) {
        const address = { port, host: '127.0.0.1', localAddress: ATTACKER };
        const socket = tls ? connectTls({ ...address, ca } as never) : connectTcp(address);
        socket.on('error', () => undefined);
        sockets.push(socket);
        await once(socket, tls ? 'secureConnect' : 'connect');
        begin(socket);
      }
    };
    const drip = (socket: Socket, text: string) => {
      let at = 0;
      const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ''), 200);
      socket.once('close', () => clearInterval(timer));
    };
    const request =
      'POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n';
    const began = performance.now();
    // No handshake, no request, half a header, a header letter by letter, half a body, a body letter by letter.
    await connections((socket) => socket.resume(), false);
    await connections((socket) => socket.resume());
    await connections((socket) => socket.resume().write(request.slice(0, 40)));
    await connections((socket) => drip(socket.resume(), request.slice(0, 80).replaceAll('\r\n', ' ')));
    await connections((socket) => socket.resume().write(`${request}{"kind":`));
    await connections((socket) => {
      socket.resume().write(request);
      drip(socket, '{"kind":"AdmissionReview", ');
    });
    // Answers that nobody reads: they stay in the kernel's buffers and the requests behind them unread.
    const unread: Socket[] = [];
    const body = review(manifest({ 'spec.hostname': 'NOT A NAME' }));
    const whole = `${request.replace('4000', String(Buffer.byteLength(body)))}${body}`;
    await connections((socket) => {
      unread.push(socket);
      socket.pause().write(whole.repeat(500));
    });
    const slow = sockets.filter((socket) => !unread.includes(socket));
    await servedDuring(Promise.all(slow.map(ended)));
    // Ten seconds for each, and two until it is noticed; more on a machine that is busy.
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds < 120, `the last one ended after ${seconds} s`);
    for (const socket of unread) socket.destroy();
  });

  it('in more connections than an address may have leaves room for others', async () => {
    const sockets = Array.from({ length: LIMITS.connectionsOfAddress + 150 }, () => {
      const socket = connectTcp({ port: webhook.port, host: '127.0.0.1', localAddress: ATTACKER });
      socket.on('error', () => undefined).resume();
      return socket;
    });
    await servedDuring(Promise.all(sockets.slice(-50).map(ended)));
    const open = () => sockets.filter((socket) => !socket.closed).length;
    assert.ok(open() <= LIMITS.connectionsOfAddress, `${open()} are open`);
    for (const socket of sockets) socket.destroy();
    // It is forgotten who has gone, as soon as that is noticed: until then the door is shut.
    let answer: Answer | undefined;
    for (let tries = 0; answer === undefined && tries < 100; tries += 1) {
      if (tries > 0) await sleep(100);
      answer = await attack(review(manifest({}))).catch(() => undefined);
    }
    assert.equal(answer?.review.response.allowed, true);
  });
});
