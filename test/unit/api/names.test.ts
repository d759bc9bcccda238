import assert from 'node:assert/strict';
import { domainName } from '../../../src/api/names.js';

describe('the name of a domain', () => {
  it("is that of the VMI, and of long names short enough for libvirt's files", () => {
    assert.equal(domainName('shop', 'web'), 'shop_web');
    const fits = 'a'.repeat(240 - 'shop_'.length);
    assert.equal(domainName('shop', fits), `shop_${fits}`);
    const [one, other] = [domainName('shop', 'a'.repeat(253)), domainName('shop', `${'a'.repeat(252)}b`)];
    assert.equal(one.length, 240);
    assert.match(one, /^shop_a{218}-[0-9a-f]{16}$/);
    assert.notEqual(one, other);
    assert.equal(domainName('n'.repeat(63), 'a'.repeat(253)).length, 240);
    assert.equal(one, domainName('shop', 'a'.repeat(253)), 'the same at every start');
  });
});
