import fc from 'fast-check';

/*
 * What somebody may send to a port instead of a request: bytes as they go over the wire. Shared by the tests of every
 * listening port, so that what is thought of for one program is tried on all.
 */

/** Where the programs answer something. */
const PATHS = [
  '/',
  '/healthz',
  '/readyz',
  '/leader',
  '/metrics',
  '/mutate',
  '/validate',
  '/evict',
  '/evict/00',
  '/apis',
  '/apis/subresources.kubevirt.io/v1',
  '/apis/subresources.kubevirt.io/v1/namespaces/ns/virtualmachineinstances/vm/console',
  '/apis/subresources.kubevirt.io/v1/namespaces/ns/virtualmachines/vm/start',
  '/v1/namespaces/ns/virtualmachineinstances/vm/console',
  '/v1/namespaces/ns/virtualmachineinstances/vm/pause',
];

/** Targets that some parser of URLs or paths does not like. */
const ODD_TARGETS = [
  '//',
  '///',
  '//\\',
  '//@',
  '//:',
  '//[',
  '//[::1',
  '//%',
  '//a:99999/',
  '//healthz',
  '*',
  '.',
  '..',
  '/..',
  '/../../../etc/passwd',
  '/./healthz',
  '/%',
  '/%zz',
  '/%00',
  '/%c0%af',
  '/%u0041',
  '/%2e%2e/%2e%2e',
  '/healthz%',
  '/metrics?%',
  '/healthz#x',
  '/healthz?a=b?c=d',
  '?',
  '#',
  'healthz',
  'http:',
  'http://',
  'http://[',
  'http://%/',
  'http://a:b@c:99999/healthz',
  'http://h/healthz',
  'https://h//',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'h:443',
  '/\u0000',
  '/\u007f',
  '/\u00ff\u00fe',
  '/a\tb',
  '/__proto__',
  '/constructor/prototype',
  `/${'a'.repeat(8_000)}`,
  `/${'a'.repeat(70_000)}`,
  '/'.repeat(15_000),
  '/%25'.repeat(3_000),
  `/?${'a=b&'.repeat(3_000)}`,
  '/v1/namespaces/%/virtualmachineinstances/%/console',
  '/v1/namespaces/%2f/virtualmachineinstances/..%2f/pause',
  '/v1/namespaces//virtualmachineinstances//pause',
  '/apis/subresources.kubevirt.io/v1/namespaces/%/virtualmachines/%zz/start',
  '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachines/b/%',
  '/apis/subresources.kubevirt.io/v1/namespaces/__proto__/virtualmachines/constructor/toString',
];

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PRI',
  'PROPFIND',
  'BREW',
  'get',
  'G\u0000T',
  '',
];

const head = (line: string, ...headers: readonly string[]): string => `${[line, ...headers].join('\r\n')}\r\n\r\n`;
const HOST = 'Host: x';

const lines = (): string[] => [
  ...METHODS.flatMap((method) =>
    [...PATHS, '//', '*', '/%'].map((target) => head(`${method} ${target} HTTP/1.1`, HOST)),
  ),
  ...ODD_TARGETS.flatMap((target) =>
    ['GET', 'POST', 'PUT'].map((method) => head(`${method} ${target} HTTP/1.1`, HOST)),
  ),
  ...['HTTP/0.9', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/9.9', 'HTTP/1', 'ICY/1.1', '', 'HTTP/1.1 x'].map(
    (version) => head(`GET /healthz ${version}`, HOST),
  ),
  'GET /healthz\r\n\r\n',
  'GET  /healthz  HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /healthz HTTP/1.1\nHost: x\n\n',
  'GET /healthz HTTP/1.1\rHost: x\r\r',
  '\r\n'.repeat(10_000),
  '\u0000'.repeat(10_000),
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'SSH-2.0-OpenSSH_9.2\r\n',
];

const withHeaders = (): string[] =>
  [
    [],
    [HOST, HOST],
    ['Host:'],
    ['Host: ['],
    ['Host: a b'],
    ['Host: \u0000'],
    [HOST, 'Expect: 100-continue'],
    [HOST, 'Expect: something else'],
    [HOST, 'Connection: close, keep-alive, upgrade'],
    [HOST, 'Connection: upgrade'],
    [HOST, 'Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
    [HOST, 'Content-Length: -1'],
    [HOST, 'Content-Length: 1e9'],
    [HOST, 'Content-Length: 99999999999999999999'],
    [HOST, 'Content-Length: 1, 1'],
    [HOST, 'Content-Length: 1', 'Content-Length: 2'],
    [HOST, 'Transfer-Encoding: chunked', 'Content-Length: 5'],
    [HOST, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
    [HOST, 'Transfer-Encoding: identity, chunked'],
    [HOST, 'Transfer-Encoding: xchunked'],
    [HOST, 'Transfer-Encoding : chunked'],
    [HOST, 'Transfer-Encoding:\u000bchunked'],
    [HOST, 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'],
    [HOST, ' folded: x'],
    [HOST, 'no colon'],
    [HOST, ': no name'],
    [HOST, 'a b: c'],
    [HOST, 'X: \u0000'],
    [HOST, '__proto__: x', 'constructor: y', 'toString: z'],
    [HOST, `X: ${'a'.repeat(70_000)}`],
    [HOST, ...Array.from({ length: 5_000 }, (_, i) => `X-${i}: y`)],
    [HOST, ...Array.from({ length: 1_500 }, () => 'a:')],
    [HOST, 'X-Remote-User: admin', 'X-Remote-Group: system:masters', 'X-Remote-Extra-%: x', 'X-Remote-Extra-: y'],
    [HOST, 'Content-Type: application/json', 'Content-Encoding: gzip', 'Content-Length: 2', '', 'xx'],
  ].flatMap((headers) =>
    ['GET /metrics', 'POST /validate', 'PUT /v1/namespaces/a/virtualmachineinstances/b/pause'].map((what) =>
      head(`${what} HTTP/1.1`, ...headers),
    ),
  );

const bodies = (): string[] => {
  const json = [HOST, 'Content-Type: application/json'];
  const chunked = [...json, 'Transfer-Encoding: chunked'];
  const chunks = [
    '0\r\n\r\n',
    '5\r\nhello\r\n0\r\n\r\n',
    'zz\r\n',
    '-1\r\n',
    'FFFFFFFFFFFFFFFFF\r\n',
    '5;a=b\r\nhello\r\n0\r\n\r\n',
  ];
  chunks.push(
    `5;${'a'.repeat(70_000)}\r\nhello\r\n`,
    '5\r\nhelloXX',
    '5\nhello\n0\n\n',
    `0\r\n${'T: x\r\n'.repeat(5_000)}\r\n`,
    '1\r\n{\r\n'.repeat(2_000),
  );
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '7',
    '"x"',
    '\u00ff\u00fe',
    '{"__proto__":{}}',
    '{"kind":"AdmissionReview"}',
    '['.repeat(5_000),
  ];
  return [
    '/validate',
    '/mutate',
    '/evict',
    '/evict/0',
    '/healthz',
    '/v1/namespaces/a/virtualmachineinstances/b/pause',
  ].flatMap((path) => [
    ...chunks.map((chunk) => head(`POST ${path} HTTP/1.1`, ...chunked) + chunk),
    ...texts.map(
      (text) => head(`POST ${path} HTTP/1.1`, ...json, `Content-Length: ${Buffer.byteLength(text, 'latin1')}`) + text,
    ),
  ]);
};

const upgrades = (): string[] => {
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  const variants = [
    [],
    ['Sec-WebSocket-Version: 13', key],
    ['Sec-WebSocket-Version: 13', key, 'Sec-WebSocket-Protocol: plain.kubevirt.io'],
    ['Sec-WebSocket-Version: 99', key],
    ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x'],
    ['Sec-WebSocket-Version: 13', key, 'Sec-WebSocket-Extensions: permessage-deflate; a="'],
    ['Sec-WebSocket-Version: 13', key, 'Sec-WebSocket-Protocol: ,,,'],
    ['Sec-WebSocket-Version: 13', key, `Sec-WebSocket-Protocol: ${'a,'.repeat(4_000)}b`],
    ['Content-Length: 5'],
  ];
  return [...PATHS, '//', '*', '/%', '//['].flatMap((path) =>
    variants.flatMap((headers) =>
      ['websocket', 'WebSocket, h2c', ''].map(
        (protocol) =>
          `${head(`GET ${path} HTTP/1.1`, HOST, 'Connection: Upgrade', `Upgrade: ${protocol}`, ...headers)}\u0081\u0085junk`,
      ),
    ),
  );
};

const series = (): string[] => [
  head('GET /metrics HTTP/1.1', HOST).repeat(2_000),
  head('GET // HTTP/1.1', HOST).repeat(2_000),
  `${head('POST /validate HTTP/1.1', HOST, 'Content-Length: 3')}GET /healthz HTTP/1.1\r\n\r\n`,
  head('GET /healthz HTTP/1.1', HOST) + head('GET // HTTP/1.1', HOST, 'Connection: Upgrade', 'Upgrade: websocket'),
  // The beginnings of one, at every length.
  ...Array.from({ length: 40 }, (_, length) => 'POST /validate HTTP/1.1\r\nHost: x\r\n\r\n'.slice(0, length)),
];

/** Some that are no requests where TLS is spoken, and the other way round. */
export const TLS_GARBAGE: readonly Buffer[] = [
  Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
  Buffer.from([0x16]),
  Buffer.from([0x16, 3, 1, 0xff, 0xff]),
  Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]),
  Buffer.concat([Buffer.from([0x16, 3, 1, 0x40, 0]), Buffer.alloc(0x4000, 0x41)]),
  Buffer.from([0x15, 3, 1, 0, 2, 2, 40]),
  Buffer.from([0x80, 0x2e, 1, 0, 2]),
  Buffer.from([0x17, 3, 3, 0, 1, 0]),
  Buffer.alloc(100_000, 0),
  Buffer.alloc(100_000, 0xff),
];

/** Every odd request that was thought of, some two thousand. */
export const rawRequests = (): readonly Buffer[] => [
  ...[...lines(), ...withHeaders(), ...bodies(), ...upgrades(), ...series()].map((text) => Buffer.from(text, 'latin1')),
  ...TLS_GARBAGE,
];

const token = fc.oneof(
  fc.constantFrom('GET', 'POST', 'PUT', 'CONNECT', 'OPTIONS'),
  fc.string({ maxLength: 8, unit: 'binary-ascii' }),
);
const target = fc.oneof(
  fc.constantFrom(...PATHS, ...ODD_TARGETS),
  fc
    .tuple(fc.constantFrom(...PATHS, '//', '//[', 'http://'), fc.string({ maxLength: 40, unit: 'binary-ascii' }))
    .map((parts) => parts.join('')),
  fc.webUrl(),
);
const header = fc.oneof(
  fc.constantFrom(
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
    'Connection: keep-alive',
    'Content-Type: application/json',
  ),
  fc
    .tuple(fc.string({ maxLength: 12 }), fc.string({ maxLength: 30, unit: 'binary-ascii' }))
    .map(([name, value]) => `${name}: ${value}`),
);

/** A request that nobody thought of: mostly well formed, so that it gets as far as the program. */
export const rawRequest: fc.Arbitrary<Buffer> = fc
  .record({
    method: token,
    target,
    version: fc.oneof(
      { weight: 9, arbitrary: fc.constant('HTTP/1.1') },
      { weight: 1, arbitrary: fc.string({ maxLength: 10 }) },
    ),
    headers: fc.array(header, { maxLength: 6 }),
    body: fc.oneof(fc.constant(''), fc.string({ maxLength: 60, unit: 'binary-ascii' }), fc.json()),
    cut: fc.option(fc.nat(200), { freq: 8 }),
  })
  .map(({ method, target: where, version, headers, body, cut }) => {
    const whole = `${head(`${method} ${where} ${version}`, HOST, ...headers)}${body}`;
    return Buffer.from(cut === null ? whole : whole.slice(0, cut), 'latin1');
  });
