import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { describeCause } from '../../../../src/api/cause.js';
import { allowed, denied, errored, patched } from '../../../../src/webhook/admission/answers.js';
import {
  BodyError,
  MAX_BODY_BYTES,
  MAX_BYTES_IN_FLIGHT,
  MAX_DEPTH,
  MAX_VALUES,
  parseJson,
  readJson,
  SMALL_BODY_BYTES,
} from '../../../../src/webhook/admission/body.js';
import { decodeReview, ReviewError } from '../../../../src/webhook/admission/review.js';
import type { Cause } from '../../../../src/api/cause.js';

const request = (body: Buffer | string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  Object.assign(Readable.from([Buffer.from(body)]), { headers }) as unknown as IncomingMessage;
const failsWith = (status: number) => (error: unknown) => error instanceof BodyError && error.status === status;

const review = (change: object = {}, request: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    kind: { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachine' },
    operation: 'CREATE',
    userInfo: { username: 'alice' },
    object: {},
    ...request,
  },
  ...change,
});

describe('request bodies', () => {
  it('are read as JSON, with or without a charset', async () => {
    assert.deepEqual(await readJson(request('{"a":1}')), { a: 1 });
    assert.deepEqual(await readJson(request('[]', { 'content-type': 'application/json; charset=utf-8' })), []);
  });
  it('of another type or encoding are refused with 415', async () => {
    await assert.rejects(readJson(request('{}', { 'content-type': 'text/plain' })), failsWith(415));
    assert.deepEqual(await readJson(request('{}', {})), {}, 'kubectl --raw says nothing of its body');
    await assert.rejects(
      readJson(request('{}', { 'content-type': 'application/json', 'content-encoding': 'gzip' })),
      failsWith(415),
    );
  });
  it('that are too large are refused with 413, announced or not', async () => {
    await assert.rejects(
      readJson(request('{}', { 'content-type': 'application/json', 'content-length': String(MAX_BODY_BYTES + 1) })),
      failsWith(413),
    );
    await assert.rejects(readJson(request(Buffer.alloc(MAX_BODY_BYTES + 1, 32))), failsWith(413));
  });
  it('that are too large are told so, not cut off', async () => {
    const server = createServer((incoming, response) => {
      readJson(incoming).catch((error: unknown) => {
        response.writeHead((error as BodyError).status, { connection: 'close' }).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const client = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers });
    client.on('error', () => undefined);
    client.write(Buffer.alloc(MAX_BODY_BYTES + 1, 32));
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    assert.equal(response.statusCode, 413);
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  it('are refused with 429 while too much is being read, and taken again afterwards', async () => {
    const slow = () => Object.assign(new PassThrough(), { headers: { 'content-type': 'application/json' } });
    const halves = Array.from({ length: MAX_BYTES_IN_FLIGHT / MAX_BODY_BYTES + 1 }, slow);
    const reads = halves.map((stream) =>
      readJson(stream as unknown as IncomingMessage).catch((error: unknown) => error),
    );
    for (const stream of halves) stream.write(Buffer.alloc(MAX_BODY_BYTES, 32));
    assert.ok(failsWith(429)(await Promise.race(reads)));
    for (const stream of halves) stream.end();
    await Promise.all(reads);
    assert.deepEqual(await readJson(request('{}')), {});
  });
  it('that are small are read while too much is being read', async () => {
    const slow = () => Object.assign(new PassThrough(), { headers: { 'content-type': 'application/json' } });
    // To the byte as much as may be.
    const sizes = [...Array.from({ length: 9 }, () => MAX_BODY_BYTES), MAX_BYTES_IN_FLIGHT - 9 * MAX_BODY_BYTES];
    const held = sizes.map((size) => ({ size, stream: slow() }));
    const reads = held.map(({ stream }) => readJson(stream as unknown as IncomingMessage).catch(() => 'refused'));
    for (const { size, stream } of held) stream.write(Buffer.alloc(size, 32));
    await new Promise((resolve) => setImmediate(resolve));
    const text = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
    await assert.rejects(readJson(request(text(SMALL_BODY_BYTES + 1))), failsWith(429));
    assert.equal(await readJson(request(text(SMALL_BODY_BYTES))), 'x'.repeat(SMALL_BODY_BYTES - 2));
    for (const { stream } of held) stream.end();
    assert.deepEqual(await Promise.all(reads), Array(10).fill('refused'));
  });
  it('of more values than any object has are refused before they are parsed', async () => {
    const list = (count: number) => `[${Array(count).fill('{}   ').join()}]`;
    await assert.rejects(readJson(request(list(MAX_VALUES / 2 + 1))), failsWith(413));
    assert.equal(((await readJson(request(list(MAX_VALUES / 2 - 1)))) as unknown[]).length, MAX_VALUES / 2 - 1);
  });
  it('that are not UTF-8 or not JSON are refused with 400, without being quoted', async () => {
    await assert.rejects(readJson(request(Buffer.from([0x22, 0xff, 0x22]))), failsWith(400));
    await assert.rejects(
      readJson(request('{"password":"hunter2"')),
      (error: Error) => failsWith(400)(error) && !error.message.includes('hunter2'),
    );
    await assert.rejects(readJson(request('')), failsWith(400));
  });
  it('may be nested to the limit and not deeper', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    assert.ok(parseJson(nested(MAX_DEPTH)));
    assert.throws(() => parseJson(nested(MAX_DEPTH + 1)), failsWith(400));
    assert.throws(() => parseJson(nested(1_000_000)), BodyError);
  });
  it('with keys that reach prototypes are refused, wherever they are', () => {
    assert.throws(() => parseJson('{"a":[{"__proto__":{"x":1}}]}'), failsWith(400));
    assert.throws(() => parseJson('{"constructor":{}}'), failsWith(400));
    assert.equal(({} as { x?: number }).x, undefined);
  });
});

describe('AdmissionReview', () => {
  it('gives uid, kind, operation, objects and user', () => {
    const extra = { 'authentication.kubernetes.io/node-name': ['node-1'] };
    const userInfo = { username: 'alice', uid: 'a-1', groups: ['staff', 7], extra };
    const body = review({}, { oldObject: null, dryRun: true, subResource: 'status', namespace: 'vms', userInfo });
    const decoded = decodeReview(body);
    assert.deepEqual(decoded, {
      uid: 'u',
      kind: 'VirtualMachine',
      operation: 'CREATE',
      subResource: 'status',
      object: {},
      oldObject: undefined,
      username: 'alice',
      userUid: 'a-1',
      groups: ['staff'],
      extra,
      namespace: 'vms',
      dryRun: true,
      request: (body as { request: object }).request,
    });
    const bare = decodeReview(review({}, { userInfo: 7, namespace: 7 }));
    assert.deepEqual([bare.username, bare.extra, bare.namespace], [undefined, {}, '']);
  });
  it('that is none has no uid to answer to', () => {
    for (const body of [
      null,
      1,
      [],
      {},
      { kind: 'AdmissionReview' },
      review({ kind: 'Pod' }),
      review({}, { uid: 7 }),
    ]) {
      assert.throws(() => decodeReview(body), BodyError);
    }
  });
  it('of another version, kind, group or operation is answered under its uid', () => {
    const group = { group: 'apps', kind: 'VirtualMachine' };
    const wrong = [
      review({ apiVersion: 'admission.k8s.io/v1beta1' }),
      review({}, { kind: { group: 'kubevirt.io', kind: 'Pod' } }),
      review({}, { kind: group }),
      review({}, { operation: 'PATCH' }),
    ];
    for (const body of wrong)
      assert.throws(
        () => decodeReview(body),
        (error: unknown) => error instanceof ReviewError && error.uid === 'u',
      );
  });
});

describe('answers', () => {
  const cause = (i: number): Cause => ({
    type: 'FieldValueInvalid',
    field: `spec.a[${i}]`,
    message: 'is wrong',
    rule: 'r',
  });
  it('allow, with warnings only where there are some', () => {
    assert.deepEqual(allowed('u').response, { uid: 'u', allowed: true });
    assert.deepEqual(allowed('u', ['w']).response.warnings, ['w']);
  });
  it('carry a patch in base64, and none where nothing changes', () => {
    assert.deepEqual(patched('u', []), allowed('u'));
    const { response } = patched('u', [{ op: 'remove', path: '/a' }]);
    assert.equal(response.patchType, 'JSONPatch');
    assert.deepEqual(JSON.parse(Buffer.from(response.patch!, 'base64').toString()), [{ op: 'remove', path: '/a' }]);
  });
  it('deny with every cause in the details and a bounded message', () => {
    const { status } = denied(
      'u',
      Array.from({ length: 25 }, (_, i) => cause(i)),
    ).response;
    assert.equal(status?.code, 422);
    assert.equal(status.reason, 'Invalid');
    assert.equal(status.details?.causes.length, 25);
    assert.deepEqual(status.details.causes[0], {
      reason: 'FieldValueInvalid',
      field: 'spec.a[0]',
      message: 'is wrong',
    });
    assert.match(status.message, /spec\.a\[19\]: is wrong; and 5 more$/);
  });
  it('name the field once', () => {
    assert.equal(describeCause({ ...cause(1), message: 'spec.a[1] is not known' }), 'spec.a[1] is not known');
    assert.equal(describeCause({ ...cause(1), field: '' }), 'is wrong');
  });
  it('tell what could not be handled', () => {
    assert.deepEqual(errored('u', 400, 'no').response, {
      uid: 'u',
      allowed: false,
      status: { code: 400, message: 'no' },
    });
  });
});
