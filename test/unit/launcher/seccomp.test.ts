import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { buildLauncherPod, LAUNCHER_PROFILE } from '../../../src/launcher/index.js';
import { instance } from '../controller/objects.js';

const PROFILE = 'kubevirt.io/seccomp-profile';
const { digest } = LAUNCHER_PROFILE;
const OURS = { type: 'Localhost', localhostProfile: `kubectl-virt/launcher-${digest}.json` };

type Nodes = readonly Record<string, string>[];
const node = (labels: Record<string, string> = {}): Record<string, string> => ({
  'kubevirt.io/schedulable': 'true',
  'kubernetes.io/arch': 'amd64',
  ...labels,
});

/** Profile of compute and what the pod asks of its node for it; with passt. */
const choice = (nodes: Nodes | undefined, change: (vmi: ReturnType<typeof instance>) => void = () => undefined) => {
  const vmi = instance();
  vmi.spec.domain.devices.interfaces = [{ name: 'default', passtBinding: {} }];
  change(vmi);
  const context = { config: resolveClusterConfig(), launcherImage: 'launcher:1', ...(nodes && { nodes }) };
  const { spec } = buildLauncherPod(vmi, context);
  return [spec.containers[0]!.securityContext.seccompProfile, spec.nodeSelector[PROFILE]];
};

describe('the seccomp profile of a compute container', () => {
  const updated = node({ [PROFILE]: digest });
  const earlier = node({ [PROFILE]: 'b'.repeat(32) });

  it('is the runtime’s own without a network card, whatever nodes have', () => {
    const offline = (vmi: ReturnType<typeof instance>): void => void (vmi.spec.domain.devices.interfaces = []);
    for (const nodes of [undefined, [], [node()], [updated]])
      assert.deepEqual(choice(nodes, offline), [{ type: 'RuntimeDefault' }, undefined]);
  });

  it('is ours with NUMA passthrough too, whose memory is bound to nodes', () => {
    const bound = (vmi: ReturnType<typeof instance>): void => {
      vmi.spec.domain.devices.interfaces = [];
      vmi.spec.domain.cpu = { cores: 1, dedicatedCpuPlacement: true, numa: { guestMappingPassthrough: {} } };
      vmi.spec.domain.memory = { guest: '128Mi', hugepages: { pageSize: '2Mi' } };
    };
    assert.deepEqual(choice([updated], bound), [OURS, digest]);
    const rules = (JSON.parse(LAUNCHER_PROFILE.text) as { syscalls: { names: string[]; args?: object[] }[] }).syscalls;
    const binds = rules.filter(({ names }) => names.includes('mbind'));
    // Not the pages of others.
    assert.deepEqual(
      binds.map(({ args }) => args),
      [[{ index: 5, value: 4, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }]],
    );
  });

  it('is the runtime’s own with a tap, whatever nodes have', () => {
    const tap = (vmi: ReturnType<typeof instance>): void =>
      void (vmi.spec.domain.devices.interfaces = [{ name: 'default', masquerade: {} }]);
    for (const nodes of [undefined, [], [node()], [updated]])
      assert.deepEqual(choice(nodes, tap), [{ type: 'RuntimeDefault' }, undefined]);
  });

  it('is ours with passt, on nodes that have it, as soon as one has', () => {
    for (const nodes of [undefined, [], [updated], [node(), earlier, updated]])
      assert.deepEqual(choice(nodes), [OURS, digest]);
  });

  it('is none while nodes are there and none of them has it: no VM waits for an update of all agents', () => {
    for (const nodes of [[node()], [earlier, node()]]) assert.deepEqual(choice(nodes), [undefined, undefined]);
  });

  it('depends on nodes alone that the VM may go to', () => {
    const here = (vmi: ReturnType<typeof instance>): void =>
      void (vmi.spec.nodeSelector = { 'kubernetes.io/hostname': 'a' });
    const a = (labels: Record<string, string>) => ({ ...labels, 'kubernetes.io/hostname': 'a' });
    assert.deepEqual(choice([a(node()), updated], here), [undefined, undefined]);
    assert.deepEqual(choice([a(updated), node()], here), [OURS, digest]);
    // Nodes without an agent, of other machines, or silent: not of interest.
    for (const other of [{}, node({ 'kubernetes.io/arch': 'arm64' }), node({ 'kubevirt.io/schedulable': 'false' })])
      assert.deepEqual(choice([other]), [OURS, digest]);
  });

  it('is not chosen by the VM: a label of its own in the selector changes nothing', () => {
    const sly = (vmi: ReturnType<typeof instance>): void => void (vmi.spec.nodeSelector = { [PROFILE]: 'none' });
    assert.deepEqual(choice([updated], sly), [OURS, digest]);
  });
});
