import assert from 'node:assert/strict';
import { firstFunction, pciAddressProblem } from '../../../src/api/pci-address.js';

describe('a PCI address', () => {
  it('is where a q35 has a place for a device', () => {
    for (const text of ['0000:00:10.0', '0000:81:00.0', '0000:00:1E.0', '0000:ab:00.0'])
      assert.equal(pciAddressProblem(text), undefined, text);
  });

  it('of a further function goes with function 0 of its slot', () => {
    assert.equal(firstFunction('0000:00:1A.7'), '0000:00:1a.0');
    assert.equal(firstFunction('0000:00:1a.0'), undefined);
  });

  it('of a conventional device is on bus 00', () => {
    assert.equal(pciAddressProblem('0000:00:10.0', 'conventional'), undefined);
    for (const text of ['0000:81:00.0', '0000:08:01.0'])
      assert.match(
        pciAddressProblem(text, 'conventional') ?? '',
        /conventional PCI.*write one such as "0000:00:10\.0"/,
      );
  });

  const wrong: readonly (readonly [text: string, problem: RegExp])[] = [
    ['0000:81:01.0', /bus 81 has slot 00 only.*write "0000:81:00\.0"/],
    ['0000:00:00.0', /the host bridge's/],
    ['0000:00:1F.0', /the chipset's/],
    ['0000:00:20.0', /slots 00 to 1f/],
    ['0001:00:10.0', /PCI domain 0000 only: write "0000:00:10\.0"/],
    ['0000:ff:00.0', /buses up to c8/],
    ['81:00.0', /is not a PCI address/],
  ];
  for (const [text, problem] of wrong) {
    it(`is refused elsewhere, with what to write: ${text}`, () => assert.match(pciAddressProblem(text) ?? '', problem));
  }
});
