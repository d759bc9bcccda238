import assert from 'node:assert/strict';
import { canonicalMac, macProblem } from '../../../src/api/mac-address.js';

describe('a MAC address', () => {
  it('is read in the forms that Go reads, and written as libvirt reads it', () => {
    for (const text of ['02:54:00:6a:9a:15', '02-54-00-6A-9A-15', '0254.006a.9a15', '02:54:00:6A:9a:15'])
      assert.equal(canonicalMac(text), '02:54:00:6a:9a:15', text);
    const none = ['', '02:54:00:6a:9a', '02:54-00:6a:9a:15', '0254006a9a15', '2:54:0:6a:9a:15', '02:54:00:6a:9a:1g'];
    for (const text of [
      ...none,
      '02:00:00:ff:fe:00:00:01',
      '0254-006a-9a15',
      ' 02:54:00:6a:9a:15',
      '02:54:00:6a:9a:15\n',
    ])
      assert.equal(canonicalMac(text), undefined, text);
  });

  it('of a card is that of one card', () => {
    assert.equal(macProblem('fe-54-00-6a-9a-15'), undefined);
    assert.match(macProblem('0154.006a.9a15') ?? '', /a group of cards.*write "00:54:00:6a:9a:15"/);
    assert.match(macProblem('FF-FF-FF-FF-FF-FF') ?? '', /all cards together/);
    assert.match(macProblem('0000.0000.0000') ?? '', /no card's address/);
    assert.match(macProblem('02:00:00:ff:fe:00:00:01') ?? '', /write six bytes/);
  });
});
