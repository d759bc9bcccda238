import assert from 'node:assert/strict';
import { compiledPolicy, judge } from './support.js';

/** How many vCPUs a VM has that says of CPUs no more than what it requests or is limited to. */
const vcpusOf = (resources: object): number | undefined => {
  const vm = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { runStrategy: 'Always', template: { spec: { domain: { devices: {}, resources } } } },
  };
  const { causes } = judge([compiledPolicy({ validations: [{ name: 'a', expression: 'variables.vcpus < 0' }] })], vm);
  const [, count] = /variables\.vcpus is (\d+)/.exec(causes[0]?.message ?? '') ?? [];
  return count === undefined ? undefined : Number(count);
};

describe('variables.vcpus', () => {
  for (const [cpu, vcpus] of [
    // Of which Kubernetes' isInteger() says that they are no integers.
    ['2000m', 2],
    ['2.0', 2],
    [2, 2],
    ['2', 2],
    ['1.5', 2],
    ['1001m', 2],
    ['500m', 1],
    ['0', 0],
    ['7', 7],
    ['7000m', 7],
    ['2.000000001', 3],
  ] as const)
    it(`are ${vcpus} of a limit of ${cpu}`, () => {
      assert.equal(vcpusOf({ limits: { cpu } }), vcpus);
      assert.equal(vcpusOf({ requests: { cpu } }), vcpus);
    });
});
