import assert from 'node:assert/strict';
import { diskAlias, interfaceAlias, namedByAlias, otherAlias } from '../../../../src/api/vmi/device-alias.js';

describe('the alias of a device', () => {
  it('leads back to its name, and is another for a disk and an interface of one name', () => {
    for (const name of ['default', 'IF-default', 'a_B-1', 'if-x']) {
      assert.equal(namedByAlias(diskAlias(name), 'disk'), name);
      for (const isDisk of [true, false]) assert.equal(namedByAlias(interfaceAlias(name, isDisk), 'interface'), name);
      assert.notEqual(diskAlias(name), interfaceAlias(name, true));
    }
    // As it was before: running VMs keep theirs.
    assert.equal(interfaceAlias('default', false), 'ua-default');
    assert.equal(namedByAlias('net0', 'interface'), undefined);
    assert.equal(namedByAlias(undefined, 'disk'), undefined);
  });

  it('of a device that nobody looks for is one whatever its name', () => {
    assert.equal(otherAlias('INPUT', 1, 'a b\n"<'), 'ua-INPUT-1-a-b---');
    assert.equal(otherAlias('WATCHDOG', 0, 'x'.repeat(1e6)).length, 'ua-WATCHDOG-0-'.length + 63);
  });
});
