import assert from 'node:assert/strict';
import { admit } from '../../../../src/admission/admit.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { manifest } from '../../../../src/validators/rule/example-manifest.js';
import type { RuleKind } from '../../../../src/validators/rule/subject.js';

const causesOf = (kind: RuleKind, path: string, spec: Readonly<Record<string, unknown>>) => {
  const change = Object.fromEntries(Object.entries(spec).map(([field, value]) => [`${path}.${field}`, value]));
  return admit(
    { kind, operation: 'CREATE', object: manifest(change, kind), user: { username: 'alice' } },
    {
      config: resolveClusterConfig(undefined),
      newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223',
      allowNotActedOn: true,
    },
  ).causes.map(({ rule, field }) => [rule, field]);
};
const probe = { readinessProbe: { tcpSocket: { port: 22 } } };

describe('probes through the network', () => {
  for (const [kind, path] of [
    ['VirtualMachineInstance', 'spec'],
    ['VirtualMachine', 'spec.template.spec'],
    ['VirtualMachineInstanceReplicaSet', 'spec.template.spec'],
  ] as const) {
    it(`of a ${kind} come through the pod network that it gets by default`, () => {
      assert.deepEqual(causesOf(kind, path, probe), []);
    });
    it(`of a ${kind} without a pod network are refused`, () => {
      assert.deepEqual(causesOf(kind, path, { ...probe, 'domain.devices.autoattachPodInterface': false }), [
        ['probe.pod-network', `${path}.readinessProbe.tcpSocket`],
      ]);
    });
  }
});
