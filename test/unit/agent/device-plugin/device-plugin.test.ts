import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Http2Server } from 'node:http2';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { DevicePlugin } from '../../../../src/agent/device-plugin/device-plugin.js';
import { call, grpcServer } from '../../../../src/agent/device-plugin/grpc.js';
import { decodeMessage, encodeMessage, type Field } from '../../../../src/agent/device-plugin/protobuf.js';
import { silentLog } from '../../../../src/kube/program/log.js';

const strings = (message: Buffer): [number, string][] =>
  decodeMessage(message).map(({ field, value }) => [field, value.toString()]);

describe('device plugin', () => {
  it('writes protobuf as the specification shows it', () => {
    // The example of protobuf.dev: field 2 is the string "testing".
    assert.equal(encodeMessage([[2, 'testing']]).toString('hex'), '120774657374696e67');
    assert.equal(
      encodeMessage([
        [1, true],
        [3, false],
        [4, ''],
      ]).toString('hex'),
      '0801',
    );
  });

  it('reads what it writes, and never more than there is', () => {
    const name = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.string({ minLength: 1, maxLength: 300 })));
    fc.assert(
      fc.property(name, (fields) => {
        assert.deepEqual(
          strings(encodeMessage(fields as Field[])),
          fields.map(([n, text]) => [n, Buffer.from(text).toString()]),
        );
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeMessage(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      }),
    );
  });

  describe('with a kubelet', () => {
    let directory: string;
    let kubelet: Http2Server;
    let plugin: DevicePlugin;
    let registered: [number, string][][];

    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'virt-plugin-'));
      registered = [];
      kubelet = grpcServer({
        '/v1beta1.Registration/Register': {
          unary: (request) => {
            registered.push(strings(request));
            return Buffer.alloc(0);
          },
        },
      });
      await new Promise<void>((resolve) => kubelet.listen(join(directory, 'kubelet.sock'), resolve));
      plugin = new DevicePlugin({
        directory,
        resource: 'devices.kubevirt.io/kvm',
        devices: ['/dev/kvm'],
        count: 2,
        log: silentLog,
      });
      await plugin.start();
    });
    after(() => {
      plugin.stop();
      kubelet.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const socket = (): string => join(directory, 'devices-kubevirt-io-kvm.sock');

    it('registers', () => {
      assert.deepEqual(registered, [
        [
          [1, 'v1beta1'],
          [2, 'devices-kubevirt-io-kvm.sock'],
          [3, 'devices.kubevirt.io/kvm'],
        ],
      ]);
    });

    it('lists its devices and keeps the stream', async () => {
      const session = connect('http://localhost', { createConnection: () => createConnection(socket()) });
      const stream = session.request({ ':method': 'POST', ':path': '/v1beta1.DevicePlugin/ListAndWatch' });
      stream.end(Buffer.alloc(5));
      const first = await new Promise<Buffer>((resolve) => stream.once('data', resolve));
      const devices = decodeMessage(first.subarray(5)).map(({ value }) => strings(value));
      assert.deepEqual(devices, [
        [
          [1, 'device0'],
          [2, 'Healthy'],
        ],
        [
          [1, 'device1'],
          [2, 'Healthy'],
        ],
      ]);
      assert.equal(stream.closed, false);
      session.destroy();
    });

    it('gives /dev/kvm to each container that asks', async () => {
      const request = encodeMessage([
        [1, [[1, 'device0']]],
        [1, [[1, 'device1']]],
      ]);
      const answer = decodeMessage(await call(socket(), '/v1beta1.DevicePlugin/Allocate', request));
      assert.equal(answer.length, 2);
      const [spec] = decodeMessage(answer[0]!.value);
      assert.equal(spec!.field, 3);
      assert.deepEqual(strings(spec!.value), [
        [1, '/dev/kvm'],
        [2, '/dev/kvm'],
        [3, 'rw'],
      ]);
    });

    it('says what it does not know', async () => {
      await assert.rejects(call(socket(), '/v1beta1.DevicePlugin/Explode', Buffer.alloc(0)), /gRPC status 12/);
    });
  });
});
