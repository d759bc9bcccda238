import assert from 'node:assert/strict';
import { once } from 'node:events';
import fc from 'fast-check';
import {
  CallTimeoutError,
  connect,
  ConnectionClosedError,
  isLibvirtError,
  LibvirtError,
  ProtocolError,
  XdrError,
  type Connection,
  type ConnectOptions,
} from 'node-libvirt';
import { MockServer, withSerial } from './mock-server.js';
import {
  authListPolkit,
  authListSasl,
  authPolkitDone,
  eventDeregistered,
  eventRegistered,
  lifecycleCutOff,
  lifecycleStarted,
  lookupTest,
  noDomain,
  ping,
} from './packets.js';

const LOOKUP = 23;
const TEST = { name: 'test', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 };

describe('libvirt: a connection to a mock daemon', () => {
  let server: MockServer;
  let connection: Connection | undefined;

  const open = async (options: ConnectOptions = {}): Promise<Connection> =>
    (connection = await connect({ socketPath: server.socketPath, ...options }));

  beforeEach(async () => {
    server = await new MockServer().start();
  });
  afterEach(async () => {
    connection?.destroy();
    connection = undefined;
    await server.stop();
  });

  describe('opening', () => {
    it('authenticates, agrees on keep-alive, opens the driver', async () => {
      await open({ uri: 'test:///default', readOnly: true });
      assert.deepEqual(
        server.received.map((frame) => frame.procedure),
        [66, 60, 1],
      );
      const body = server.received[2]!.payload;
      assert.equal(
        body.toString('hex'),
        '00000001' + '0000000f' + Buffer.from('test:///default').toString('hex') + '00' + '00000001',
      );
    });

    it('leaves keep-alive and the choice of driver out when told to', async () => {
      await open({ uri: null, keepAlive: false });
      assert.deepEqual(
        server.received.map((frame) => frame.procedure),
        [66, 1],
      );
      assert.equal(server.received[1]!.payload.toString('hex'), '0000000000000000');
    });

    it('asks polkit when the daemon wants it', async () => {
      server.answer(66, authListPolkit);
      server.answer(70, authPolkitDone);
      await open();
      assert.deepEqual(
        server.received.map((frame) => frame.procedure),
        [66, 70, 60, 1],
      );
    });

    it('says what to configure when the daemon wants SASL', async () => {
      server.answer(66, authListSasl);
      await assert.rejects(open(), /wants SASL, which is not supported; set auth_unix_rw/);
    });

    it('says that nothing listens, and where', async () => {
      await assert.rejects(connect({ socketPath: '/nonexistent/sock' }), (error) => {
        assert.ok(error instanceof ConnectionClosedError && error.reason === 'refused');
        assert.match(
          error.message,
          /cannot connect to libvirt at \/nonexistent\/sock: .*ENOENT.* Is libvirtd running\?/,
        );
        return true;
      });
    });

    it('gives up on a daemon that does not answer', async () => {
      server.answer(1, undefined);
      await assert.rejects(open({ connectTimeout: 0.05 }), /did not open the connection within 0.05 s/);
    });

    it('reports the refusal of the driver as libvirt gave it', async () => {
      server.answer(1, (call) => {
        const refusal = withSerial(noDomain, call.serial);
        refusal.writeUInt32BE(1, 12);
        return refusal;
      });
      await assert.rejects(open(), (error) => error instanceof LibvirtError && error.procedure === 'connectOpen');
    });
  });

  describe('calls', () => {
    it('gives each of many concurrent calls its own answer, in whatever order they come', async () => {
      const waiting: number[] = [];
      server.answer(LOOKUP, (call) => {
        waiting.push(call.serial);
        if (waiting.length < 4) return undefined;
        // Last come, first served; each answer carries its serial as the domain's id.
        return waiting
          .splice(0)
          .reverse()
          .map((serial) => {
            const answer = withSerial(lookupTest, serial);
            answer.writeUInt32BE(serial, answer.length - 4);
            return answer;
          });
      });
      const { call } = { call: async () => (await connection!.domains.lookupByName('test')).id };
      await open();
      const ids = await Promise.all([call(), call(), call(), call()]);
      assert.deepEqual(
        ids,
        [...ids].sort((a, b) => a - b),
      );
      assert.equal(new Set(ids).size, 4);
    });

    it('never has more calls in flight than told', async () => {
      let inFlight = 0;
      let most = 0;
      server.answer(LOOKUP, (call) => {
        most = Math.max(most, ++inFlight);
        setImmediate(() => {
          inFlight--;
          server.send(withSerial(lookupTest, call.serial));
        });
        return undefined;
      });
      await open({ maxConcurrentCalls: 2 });
      await Promise.all(Array.from({ length: 20 }, () => connection!.domains.lookupByName('test')));
      assert.equal(most, 2);
    });

    it('keeps everything of an error', async () => {
      server.answer(LOOKUP, noDomain);
      await open();
      await assert.rejects(connection!.domains.lookupByName('ghost'), (error) => {
        assert.ok(isLibvirtError(error, 'NO_DOMAIN'));
        const { message, code, codeName, domain, domainName, level, str1, str2, str3, int1, int2, procedure } = error;
        assert.deepEqual(
          [message, code, codeName, domain, domainName, level, str1, str2, str3, int1, int2, procedure],
          [
            'Domain not found',
            42,
            'NO_DOMAIN',
            12,
            'TEST',
            2,
            'Domain not found: %s',
            'ghost',
            's3',
            -1,
            7,
            'domainLookupByName',
          ],
        );
        return true;
      });
    });

    it('rejects only the call whose answer is malformed', async () => {
      let answers = [lookupTest.subarray(0, 52), Buffer.concat([lookupTest, Buffer.alloc(4)]), lookupTest];
      answers = answers.map((answer) => {
        const copy = Buffer.from(answer);
        copy.writeUInt32BE(copy.length, 0);
        return copy;
      });
      server.answer(LOOKUP, (call) => withSerial(answers.shift()!, call.serial));
      await open();
      const lookup = (): Promise<unknown> => connection!.domains.lookupByName('test');
      await assert.rejects(
        lookup,
        (error) => error instanceof ProtocolError && /reply to domainLookupByName is malformed/.test(error.message),
      );
      await assert.rejects(lookup, /4 bytes too many/);
      assert.deepEqual(await lookup(), TEST);
    });

    it('refuses an argument that does not fit, and goes on', async () => {
      server.answer(LOOKUP, lookupTest);
      await open();
      await assert.rejects(connection!.domains.lookupByName('a\0b'), XdrError);
      await assert.rejects(connection!.domains.getXML({ ...TEST, uuid: 'x' }), /domain: uuid: "x" is not a UUID/);
      assert.deepEqual(await connection!.domains.lookupByName('test'), TEST);
    });

    it('gives up on a call after the time that was set, and forgets its late answer', async () => {
      let late = 0;
      server.answer(LOOKUP, (call) => {
        late = call.serial;
        return undefined;
      });
      await open({ callTimeoutSeconds: 0.02 });
      const errors: Error[] = [];
      connection!.on('error', (error) => errors.push(error));
      await assert.rejects(
        connection!.domains.lookupByName('test'),
        (error) => error instanceof CallTimeoutError && error.seconds === 0.02,
      );
      server.send(withSerial(lookupTest, late));
      server.answer(LOOKUP, lookupTest);
      await connection!.domains.lookupByName('test');
      assert.deepEqual(errors, []);
    });
  });

  describe('its end', () => {
    for (const [how, end, reason, message] of [
      ['the daemon goes away', () => void server.client!.destroy(), 'lost', /the daemon closed the connection/],
      ['we close it', () => void connection!.close(), 'closed', /the connection was closed/],
      ['we destroy it', () => connection!.destroy(), 'closed', /the connection was closed/],
      [
        'the daemon sends rubbish',
        () => server.send(Buffer.from('HTTP/1.1 200 OK\r\n')),
        'protocol',
        /does not speak libvirt's protocol/,
      ],
    ] as const) {
      it(`rejects what waits when ${how}, and says so`, async () => {
        server.answer(LOOKUP, undefined);
        await open();
        const closed = closing(connection!);
        const calls = Array.from({ length: 6 }, () => connection!.domains.lookupByName('test'));
        await server.frame((frame) => frame.procedure === LOOKUP);
        end();
        for (const result of await Promise.allSettled(calls)) {
          const error = (result as PromiseRejectedResult).reason as ConnectionClosedError;
          assert.ok(error instanceof ConnectionClosedError);
          assert.deepEqual([error.reason, error.procedure], [reason, 'domainLookupByName']);
          assert.match(error.message, message);
        }
        assert.equal((await closed).reason, reason);
        assert.equal(connection!.closed?.reason, reason);
        await assert.rejects(connection!.node.getHostname(), ConnectionClosedError);
        await connection!.close();
      });
    }

    it('takes leave of the daemon when closed', async () => {
      await open();
      await connection!.close();
      assert.equal(server.received.at(-1)!.procedure, 2);
    });
  });

  describe('keep-alive', () => {
    it('answers pings', async () => {
      await open();
      server.send(ping, ping);
      const pong = await server.frame((frame) => frame.program === 0x6b65_6570);
      assert.deepEqual([pong.procedure, pong.type, pong.serial, pong.payload.length], [2, 2, 0, 0]);
    });

    it('gives a daemon up that answers nothing any more', async () => {
      await open({ keepAlive: { interval: 0.005, count: 2 } });
      const error = await closing(connection!);
      assert.equal(error.reason, 'dead-peer');
      assert.match(error.message, /its socket is open but it hangs/);
      assert.equal(server.received.filter((frame) => frame.program === 0x6b65_6570).length, 2);
    });
  });

  describe('events', () => {
    beforeEach(() => {
      server.answer(316, eventRegistered);
      server.answer(317, eventDeregistered);
    });

    it('gives events to their listener, also one that overtakes the registration', async () => {
      server.answer(316, (call) => [lifecycleStarted, withSerial(eventRegistered, call.serial), lifecycleStarted]);
      await open();
      const events: unknown[] = [];
      const subscription = await connection!.events.subscribe('lifecycle', (event) => events.push(event), TEST);
      await subscription.close();
      const event = { callbackId: 3, domain: { ...TEST, id: 2 }, event: 2, detail: 0 };
      assert.deepEqual(events, [event, event]);
      const asked = server.received
        .filter((frame) => frame.procedure >= 316)
        .map((frame) => frame.payload.toString('hex'));
      assert.equal(asked[0]!.slice(0, 16), '00000000' + '00000001');
      assert.equal(asked[1], '00000003');
    });

    it('calls no listener after its subscription was closed', async () => {
      server.answer(317, (call) => [lifecycleStarted, withSerial(eventDeregistered, call.serial)]);
      await open();
      const subscription = await connection!.events.subscribe('lifecycle', () => assert.fail('called'));
      await subscription.close();
      await subscription.close();
      assert.equal(connection!.closed, undefined);
    });

    const unusable: [string, Buffer, RegExp][] = [
      ['a malformed event', lifecycleCutOff, /the event lifecycle is malformed/],
      ['an event of an unknown kind', changed(lifecycleStarted, 12, 9999), /an unknown event came: procedure 9999/],
      ['an event for no callback', changed(lifecycleStarted, 28, 77), /callback 77, which does not exist/],
      ['an answer to no call', withSerial(lookupTest, 4711), /a reply came to a call that nobody made .*serial 4711/],
      ['a packet of no stream', changed(lookupTest, 16, 3), /a stream that is not open/],
      ['a call', changed(lookupTest, 16, 0), /a message of type 0/],
    ];
    for (const [what, bytes, message] of unusable) {
      it(`reports ${what}, and goes on`, async () => {
        await open();
        await connection!.events.subscribe('lifecycle', () => undefined);
        const reported = once(connection!, 'error') as Promise<[Error]>;
        server.send(bytes);
        const [error] = await reported;
        assert.ok(error instanceof ProtocolError);
        assert.match(error.message, message);
        server.answer(LOOKUP, lookupTest);
        await connection!.domains.lookupByName('test');
      });
    }

    it('closes rather than hide a malformed event from a program that does not listen for errors', async () => {
      await open();
      server.send(lifecycleCutOff);
      const error = await closing(connection!);
      assert.equal(error.reason, 'protocol');
      assert.match(error.message, /an error that has no listener: the event lifecycle is malformed/);
    });

    it('reports what a listener throws', async () => {
      await open();
      await connection!.events.subscribe('lifecycle', () => {
        throw new RangeError('ours');
      });
      const reported = once(connection!, 'error') as Promise<[Error]>;
      server.send(lifecycleStarted);
      assert.equal((await reported)[0].message, 'ours');
    });
  });

  it('survives any bytes a daemon may send: it goes on or closes with a reason', async () => {
    const start = fc.constantFrom(Buffer.alloc(0), lookupTest, lifecycleStarted, ping, noDomain);
    await fc.assert(
      fc.asyncProperty(
        start,
        fc.nat(200),
        fc.nat(255),
        fc.uint8Array({ maxLength: 64 }),
        async (first, at, value, tail) => {
          const bytes = Buffer.concat([first, tail]);
          if (at < bytes.length) bytes[at] = value;
          const one = await connect({ socketPath: server.socketPath });
          one.on('error', (error) => assert.ok(error instanceof ProtocolError));
          const closed = closing(one);
          server.client!.end(bytes);
          const error = await closed;
          assert.ok(['lost', 'protocol', 'limit'].includes(error.reason), error.message);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function changed(bytes: Buffer, offset: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(value, offset);
  return copy;
}

/** Not events.once: that listens for errors too. */
const closing = (connection: Connection): Promise<ConnectionClosedError> =>
  new Promise((resolve) => connection.on('close', resolve));
