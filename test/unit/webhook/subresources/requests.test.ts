import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { accessReview, authorize } from '../../../../src/webhook/subresources/authorization.js';
import { discoveryDocuments } from '../../../../src/webhook/subresources/discovery.js';
import { authenticate, parseRequestHeaderConfig } from '../../../../src/webhook/subresources/front-proxy.js';
import { SUBRESOURCES, VM_SUBRESOURCES } from '../../../../src/agent-api/subresources.js';
import { parseOptions } from '../../../../src/webhook/subresources/options.js';
import { findSubresource, parseRequestPath } from '../../../../src/webhook/subresources/request-path.js';
import { StatusError } from '../../../../src/agent-api/status-error.js';

const startOptions = VM_SUBRESOURCES.start.options;
const stopOptions = VM_SUBRESOURCES.stop.options;
const SUB = '/apis/subresources.kubevirt.io/v1/namespaces';
const codeOf = (act: () => unknown): number => {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.code;
  }
  return 200;
};

describe('the path of a subresource request', () => {
  it('gives what RBAC asks for', () => {
    assert.deepEqual(parseRequestPath(`${SUB}/prod/virtualmachines/web/start`), {
      version: 'v1',
      namespace: 'prod',
      resource: 'virtualmachines',
      name: 'web',
      subresource: 'start',
    });
  });
  it('names a port, which is no part of what RBAC asks for', () => {
    const base = '/apis/subresources.kubevirt.io/v1/namespaces/default';
    for (const resource of ['virtualmachines', 'virtualmachineinstances']) {
      const of = (below: string) => parseRequestPath(`${base}/${resource}/web/portforward${below}`);
      assert.deepEqual([of('/22').subresource, of('/22').port], ['portforward', { port: 22, protocol: 'tcp' }]);
      assert.deepEqual(of('/53/udp').port, { port: 53, protocol: 'udp' });
      for (const below of [
        '',
        '/',
        '/0',
        '/65536',
        '/-1',
        '/1e3',
        '/0x16',
        '/22/',
        '/22/sctp',
        '/22/tcp/more',
        '/22/TCP',
      ])
        assert.throws(() => of(below), { code: 400 }, below);
    }
  });
  it('is a Status by name for what the reference has and is not served', () => {
    for (const below of ['usbredir', 'vsock?port=1', 'sev/fetchcertchain', 'objectgraph'])
      assert.throws(
        () =>
          findSubresource(
            parseRequestPath(
              `/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/web/${below.split('?')[0]}`,
            ),
            'GET',
          ),
        (error: StatusError) => error.code === 404 && error.message.includes(below.split(/[?/]/)[0] ?? ''),
      );
  });
  it('is 404 for anything else', () => {
    for (const path of [
      '/',
      '/apis/kubevirt.io/v1/namespaces/a/virtualmachines/x/start',
      '/apis/subresources.kubevirt.io/v2/namespaces/a/virtualmachines/x/start',
      `${SUB}/a/pods/x/exec`,
      `${SUB}/a/virtualmachines/x`,
      `${SUB}/a/virtualmachines//start`,
      `${SUB}//virtualmachines/x/start`,
      `${SUB}/a/virtualmachines/x/start/more`,
    ]) {
      assert.equal(
        codeOf(() => parseRequestPath(path)),
        404,
        path,
      );
    }
    assert.equal(
      codeOf(() => parseRequestPath(`${SUB}/%zz/virtualmachines/x/start`)),
      400,
    );
  });
  it('has a subresource of two words where there is one', () => {
    const parse = (rest: string) => parseRequestPath(`${SUB}/a/virtualmachineinstances/x/${rest}`);
    assert.equal(parse('vnc/screenshot').subresource, 'vnc/screenshot');
    assert.equal(findSubresource(parse('vnc/screenshot'), 'GET').served, 'picture');
    for (const rest of ['vnc/other', 'vnc/screenshot/more', 'screenshot/vnc', 'vnc%2fscreenshot/x', 'vnc//screenshot'])
      assert.equal(
        codeOf(() => parse(rest)),
        404,
        rest,
      );
  });
  it('is 404 for an unknown subresource and 405 for the wrong method', () => {
    const start = parseRequestPath(`${SUB}/a/virtualmachines/x/start`);
    assert.equal(
      codeOf(() => findSubresource(start, 'PUT')),
      200,
    );
    assert.equal(
      codeOf(() => findSubresource(start, 'GET')),
      405,
    );
    assert.equal(
      codeOf(() => findSubresource({ ...start, subresource: 'console' }, 'GET')),
      404,
    );
    assert.equal(
      codeOf(() => findSubresource({ ...start, subresource: '__proto__' }, 'PUT')),
      404,
    );
  });
});

describe('the body of a subresource request', () => {
  it('may be empty, JSON or YAML', () => {
    assert.deepEqual(parseOptions('', startOptions), {});
    assert.deepEqual(parseOptions('null', startOptions), {});
    assert.deepEqual(parseOptions('{"paused":true,"kind":"StartOptions"}', startOptions), { paused: true });
    assert.deepEqual(parseOptions('gracePeriod: 3\ndryRun: [All]\n', stopOptions), { gracePeriod: 3, dryRun: ['All'] });
  });
  it('is 400 when it is long or deep, and ends nothing but its request', () => {
    for (const deep of ['[', '{"a":', '- '])
      for (const length of [1024, 16 * 1024]) {
        const body = deep.repeat(length / deep.length);
        assert.throws(() => parseOptions(body, startOptions), { name: 'StatusError' }, deep);
      }
  });
  it('is 400 when malformed, of a wrong type, or with a field that is not known', () => {
    for (const body of [
      '{',
      '[]',
      'text',
      '{"gracePeriod":"3"}',
      '{"gracePeriod":1.5}',
      '{"dryRun":["Some"]}',
      '{"force":true}',
      'a: &a [1]\nb: *a',
    ]) {
      assert.equal(
        codeOf(() => parseOptions(body, stopOptions)),
        400,
        body,
      );
    }
    assert.throws(
      () => parseOptions('{"force":true}', stopOptions),
      /"force" is not known here; send gracePeriod, dryRun/,
    );
  });
});

const headerConfig = parseRequestHeaderConfig({
  'requestheader-client-ca-file': 'PEM',
  'requestheader-allowed-names': '["front-proxy-client"]',
  'requestheader-username-headers': '["X-Remote-User","X-My-User"]',
  'requestheader-uid-headers': '["X-Remote-Uid"]',
});
const requestBy = (peer: { authorized: boolean; cn?: string }, headers: Record<string, string[]>): IncomingMessage => {
  const socket: unknown = Object.create(TLSSocket.prototype, {
    authorized: { value: peer.authorized },
    getPeerCertificate: { value: () => ({ subject: peer.cn === undefined ? undefined : { CN: peer.cn } }) },
  });
  return { socket, headersDistinct: headers } as unknown as IncomingMessage;
};

describe('front-proxy authentication (docs/reference/control.md §2.6)', () => {
  const proxy = { authorized: true, cn: 'front-proxy-client' };
  it('takes user, groups, uid and extras from the API server', () => {
    const user = authenticate(
      requestBy(proxy, {
        'x-remote-user': ['jane'],
        'x-remote-uid': ['42'],
        'x-remote-group': ['dev', 'system:authenticated'],
        'x-remote-extra-acme.com%2fproject': ['p1', 'p2'],
      }),
      headerConfig,
    );
    assert.deepEqual(user, {
      username: 'jane',
      uid: '42',
      groups: ['dev', 'system:authenticated'],
      extra: { 'acme.com/project': ['p1', 'p2'] },
    });
  });
  it('believes no uid header where the cluster names none: its API server would let a client’s own through', () => {
    const older = parseRequestHeaderConfig({ 'requestheader-client-ca-file': 'PEM' });
    const user = authenticate(requestBy(proxy, { 'x-remote-user': ['jane'], 'x-remote-uid': ['0'] }), older);
    assert.equal(user.uid, undefined);
  });
  it('keeps an extra called __proto__ an extra', () => {
    const { extra } = authenticate(
      requestBy(proxy, { 'x-remote-user': ['jane'], 'x-remote-extra-__proto__': ['a'] }),
      headerConfig,
    );
    assert.equal(Object.getPrototypeOf(extra), Object.prototype);
    assert.deepEqual(Object.entries(extra), [['__proto__', ['a']]]);
  });
  it('reads further user headers that the cluster names', () => {
    assert.equal(authenticate(requestBy(proxy, { 'x-my-user': ['bob'] }), headerConfig).username, 'bob');
  });
  it('believes nobody else', () => {
    const headers = { 'x-remote-user': ['system:admin'] };
    for (const peer of [
      { authorized: false },
      { authorized: false, cn: 'front-proxy-client' },
      { authorized: true, cn: 'kubelet' },
      { authorized: true },
    ]) {
      assert.equal(
        codeOf(() => authenticate(requestBy(peer, headers), headerConfig)),
        401,
      );
    }
    assert.equal(
      codeOf(() => authenticate(requestBy(proxy, {}), headerConfig)),
      401,
    );
  });
  it('says what is missing where aggregation is not set up', () => {
    assert.throws(() => parseRequestHeaderConfig({}), /requestheader-client-ca-file/);
  });
});

describe('authorization by SubjectAccessReview (docs/reference/control.md §2.7)', () => {
  const target = parseRequestPath(`${SUB}/prod/virtualmachineinstances/web/console`);
  const entry = findSubresource(target, 'GET');
  const user = { username: 'jane', groups: ['dev'], extra: {} };
  it('asks for the verb on the subresource', () => {
    assert.deepEqual(accessReview(user, target, entry).spec.resourceAttributes, {
      group: 'subresources.kubevirt.io',
      version: 'v1',
      namespace: 'prod',
      resource: 'virtualmachineinstances',
      name: 'web',
      subresource: 'console',
      verb: 'get',
    });
  });
  it('is a 403 Status when denied', async () => {
    const denied = authorize(
      { review: () => Promise.resolve({ allowed: false, reason: 'no rule' }) },
      user,
      target,
      entry,
    );
    await assert.rejects(
      denied,
      (error: StatusError) => error.code === 403 && /User "jane" cannot get .*no rule/.test(error.message),
    );
  });
});

describe('discovery (docs/reference/control.md §2.2)', () => {
  const documents = discoveryDocuments({
    gitVersion: 'v1.2.3',
    commit: 'abc',
    buildDate: '2026-01-01T00:00:00Z',
    platform: 'linux/amd64',
  });
  it('lists every subresource with kind and verbs, in both versions', () => {
    for (const version of ['v1', 'v1alpha3']) {
      const list = documents.get(`/apis/subresources.kubevirt.io/${version}`) as {
        resources: { name: string; kind: string; verbs: string[]; singularName: string }[];
      };
      for (const { resource, subresource } of SUBRESOURCES) {
        const entry = list.resources.find((candidate) => candidate.name === `${resource}/${subresource}`);
        assert.ok(entry, subresource);
        assert.ok(entry.kind.startsWith('VirtualMachine') && entry.verbs.length > 0 && entry.singularName === '');
      }
    }
  });
  it('names the group right and prefers v1', () => {
    const group = documents.get('/apis/subresources.kubevirt.io') as {
      name: string;
      preferredVersion: { version: string };
    };
    assert.deepEqual([group.name, group.preferredVersion.version], ['subresources.kubevirt.io', 'v1']);
  });
});
