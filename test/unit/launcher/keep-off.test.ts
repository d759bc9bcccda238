import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { podDifference } from '../../../src/launcher/pod-difference.js';

type Spec = VirtualMachineInstance['spec'];

const affinityOf = (policy: string, affinity?: Spec['affinity'], name = 'avx2'): Spec['affinity'] => {
  const cpu = { features: [{ name, policy }] };
  const vmi: VirtualMachineInstance = {
    metadata: { name: 'web', namespace: 'a', uid: 'u' },
    spec: { domain: { devices: {}, cpu }, ...(affinity === undefined ? {} : { affinity }) },
  };
  return buildLauncherPod(vmi, { config: resolveClusterConfig(), launcherImage: 'localhost/launcher' }).spec.affinity;
};
const WITHOUT = { key: 'cpu-feature.node.kubevirt.io/avx2', operator: 'DoesNotExist' };
const terms = (affinity: Spec['affinity']) =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
const ZONE = { key: 'zone', operator: 'In' as const, values: ['a'] };

describe('a CPU feature that a VM forbids', () => {
  it('keeps its pod off nodes that have it', () => {
    assert.deepEqual(terms(affinityOf('forbid')), [{ matchExpressions: [WITHOUT] }]);
    for (const policy of ['require', 'disable', 'optional', '']) assert.equal(affinityOf(policy), undefined, policy);
    assert.equal(affinityOf('forbid', undefined, 'made-up'), undefined, 'no label could have that name');
  });

  it('is added to each alternative of the VM’s own affinity, and makes none of one that fits no node', () => {
    const onNode = { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['n'] }] };
    const own = {
      podAntiAffinity: {},
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [ZONE] }, onNode, {}],
        },
      },
    };
    const given = structuredClone(own);
    assert.deepEqual(terms(affinityOf('forbid', given)), [
      { matchExpressions: [ZONE, WITHOUT] },
      { ...onNode, matchExpressions: [WITHOUT] },
      {},
    ]);
    assert.deepEqual(given, own, 'the VM’s own stays as it is');
    const preferred = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } };
    assert.deepEqual(affinityOf('forbid', preferred)?.nodeAffinity, {
      ...preferred.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [WITHOUT] }] },
    });
  });

  it('is no reason to disown a pod of an earlier version, which did not look at it', () => {
    const onNode = { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['n'] }] };
    const own = (...nodeSelectorTerms: object[]) =>
      ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } }) as Spec['affinity'];
    for (const affinity of [undefined, own({ matchExpressions: [ZONE] }, onNode)]) {
      const today = { spec: { affinity: affinityOf('forbid', affinity) } };
      assert.notDeepEqual(today.spec.affinity, affinity);
      assert.equal(podDifference(today, { spec: { affinity } }), undefined);
    }
    const elsewhere = { spec: { affinity: own({ matchExpressions: [{ ...ZONE, values: ['b'] }] }) } };
    const asked = { spec: { affinity: affinityOf('forbid', own({ matchExpressions: [ZONE] })) } };
    assert.match(podDifference(asked, elsewhere) ?? '', /nodeSelectorTerms.*values/);
  });
});
