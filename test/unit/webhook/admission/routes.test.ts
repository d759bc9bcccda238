import assert from 'node:assert/strict';
import type { AdmissionContext } from '../../../../src/admission/types.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { manifest } from '../../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../../src/validators/rule/examples.js';
import { decide } from '../../../../src/webhook/admission/routes.js';
import { decodeReview } from '../../../../src/webhook/admission/review.js';

const contextOf = (configuration: object = {}): AdmissionContext => ({
  config: resolveClusterConfig({ spec: { configuration } }),
  newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223',
});
const answer = (phase: 'mutate' | 'validate', change: Change, context = contextOf()) =>
  decide(
    phase,
    decodeReview({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u',
        kind: { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachineInstance' },
        operation: 'CREATE',
        userInfo: { username: 'alice' },
        object: manifest(change),
      },
    }),
    context,
  ).response;
const fields = ({ status }: ReturnType<typeof answer>) => (status?.details?.causes ?? []).map(({ field }) => field);

describe('the answer of /mutate', () => {
  it('is a patch where the schema has nothing to say: the rules come later', () => {
    const { allowed, patch } = answer('mutate', { 'spec.hostname': 'A' });
    assert.ok(allowed && patch !== undefined);
    assert.deepEqual(fields(answer('validate', { 'spec.hostname': 'A' })), ['spec.hostname']);
  });
  it('is everything that is wrong where the API server would refuse the object in between, in its own words', () => {
    const wrong = { 'spec.dnsPolicy': 'Sometimes', 'spec.hostname': 'A', 'spec.domain.memory.guest': 'much' };
    assert.deepEqual(fields(answer('mutate', wrong)), ['spec.domain.memory.guest', 'spec.dnsPolicy', 'spec.hostname']);
    const missing = { 'spec.volumes[2]': { name: 'x', emptyDisk: {} }, 'spec.hostname': 'A' };
    assert.deepEqual(fields(answer('mutate', missing)), ['spec.volumes[2].emptyDisk.capacity', 'spec.hostname']);
  });
  it('is everything that is wrong where the cluster has no default that works', () => {
    const context = contextOf({ network: { permitBridgeInterfaceOnPodNetwork: false } });
    const { allowed, status } = answer('mutate', { 'spec.hostname': 'A' }, context);
    assert.ok(!allowed && status?.code === 422);
    assert.deepEqual(fields(answer('mutate', { 'spec.hostname': 'A' }, context)), [
      'spec.domain.devices.interfaces',
      'spec.hostname',
    ]);
  });
});
