import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeSegment, requestPath } from '../../../../src/kube/http-server/request-path.js';

/** What targets are made of. */
const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '?',
    '#',
    '%',
    '%2F',
    '%zz',
    'http://',
    'HTTPS://',
    '[',
    ']',
    '@',
    ':',
    '\\',
    '*',
    '..',
    '\u0000',
  ),
  fc.string({ maxLength: 4, unit: 'binary-ascii' }),
);

describe('the path of a request', () => {
  it('is what stands before the query, as it was sent', () => {
    assert.equal(requestPath('/healthz'), '/healthz');
    assert.equal(requestPath('/readyz?verbose'), '/readyz');
    assert.equal(requestPath('/a%2Fb/../c#d'), '/a%2Fb/../c');
    assert.equal(requestPath('/?'), '/');
  });

  it('is taken from a target in absolute form too', () => {
    assert.equal(requestPath('http://host/healthz?x'), '/healthz');
    assert.equal(requestPath('HTTPS://a:b@[::1]:99999/x'), '/x');
    assert.equal(requestPath('http://host'), '/');
    assert.equal(requestPath('http://host?x'), '/');
  });

  it('is two slashes where two were sent, which `new URL` throws at', () => {
    assert.throws(() => new URL('//', 'http://health'));
    assert.equal(requestPath('//'), '//');
    assert.equal(requestPath('//host/healthz'), '//host/healthz');
  });

  it('is none where the target has none', () => {
    for (const target of [undefined, '', '*', '?', '#', 'healthz', 'host:443', 'file:///etc/passwd', '..'])
      assert.equal(requestPath(target), undefined, target);
  });

  it('is found without an exception in whatever is sent', () => {
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (target) => {
          const path = requestPath(target);
          assert.ok(path === undefined || (path.startsWith('/') && !/[?#]/.test(path)));
          for (const segment of target.split('/')) decodeSegment(segment);
        },
      ),
    );
  });

  it('has segments that are decoded, or known to be malformed', () => {
    assert.equal(decodeSegment('a%2Fb'), 'a/b');
    for (const bad of ['%', '%zz', '%c0%af', '%e2%82']) assert.equal(decodeSegment(bad), undefined, bad);
  });
});
