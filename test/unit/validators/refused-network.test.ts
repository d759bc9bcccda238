import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findNotActedOn } from '../../../src/validators/not-acted-on.js';

const spec = {
  networks: [
    { name: 'default', pod: {} },
    { name: 'lan', resourceClaim: { claimName: 'lan' } },
  ],
  domain: {
    devices: {
      interfaces: [
        { name: 'lan', binding: { name: 'macvtap' } },
        { name: 'default', sriov: {} },
      ],
    },
  },
};

describe('a network that is refused', () => {
  for (const [kind, object, path] of [
    ['VirtualMachineInstance', { spec }, 'spec'],
    ['VirtualMachine', { spec: { template: { spec } } }, 'spec.template.spec'],
  ] as const)
    it(`is one cause with its interface, and hides no other, in a ${kind}`, () =>
      assert.deepEqual(
        findNotActedOn(kind, object)
          .map(({ field }) => field)
          .sort(),
        [`${path}.domain.devices.interfaces[1].sriov`, `${path}.networks[1].resourceClaim`],
      ));
});
