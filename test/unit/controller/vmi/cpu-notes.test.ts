import assert from 'node:assert/strict';
import { labelsOf, present } from '../../../../src/agent-api/node-report.js';
import { parseCpuModels } from '../../../../src/agent/node/cpu-models.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { CPU } from '../../../../src/api/schema/cpu-memory.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { cpuWishes } from '../../../../src/api/vmi/cpu-selector.js';
import { cpuNotes } from '../../../../src/controller/vmi/cpu-notes.js';

const LIBVIRT = `<domainCapabilities>
    <mode name='host-model' supported='yes'>
      <model fallback='forbid'>EPYC</model>
      <feature policy='require' name='x2apic'/>
    </mode>
    <mode name='custom' supported='yes'>
      <model usable='yes' vendor='AMD' canonical='EPYC-v1'>EPYC</model>
      <model usable='no' vendor='Intel'>Broadwell</model>
      <blockers model='Broadwell'>
        <feature name='pcid'/>
      </blockers>
      <model usable='yes' vendor='x'>made-up</model>
    </mode>
</domainCapabilities>
<cpu mode='custom' match='exact'>
  <model fallback='forbid'>EPYC</model>
  <feature policy='require' name='avx2'/>
  <feature policy='disable' name='pcid'/>
  <feature policy='require' name='made-up'/>
</cpu>
`;
const report = parseCpuModels(LIBVIRT);
const node = (name: string, from = report) => ({
  metadata: {
    name,
    labels: present(labelsOf({ cpuModels: from.models, cpuFeatures: from.features, hostModel: from.hostModel })),
  },
});
const vmi = (cpu: CPU): VirtualMachineInstance => ({
  metadata: { name: 'web' },
  spec: { domain: { cpu, devices: {} } },
});
const config = resolveClusterConfig();

describe('the CPUs that guests can have', () => {
  it('are read from libvirt’s words: what is usable, and only names that are known', () =>
    assert.deepEqual(report, { models: ['EPYC'], features: ['avx2'], hostModel: 'EPYC' }));

  it('are nothing where libvirt did not say', () => {
    for (const text of ['', '<domainCapabilities>', 'x'.repeat(1000)])
      assert.deepEqual(parseCpuModels(text), { models: [], features: [] });
  });

  it('become labels of the node', () => {
    const { labels } = node('a').metadata;
    assert.deepEqual(
      Object.keys(labels).filter((label) => label.includes('node.kubevirt.io')),
      ['cpu-model.node.kubevirt.io/EPYC', 'cpu-feature.node.kubevirt.io/avx2', 'host-model-cpu.node.kubevirt.io/EPYC'],
    );
  });

  it('attack: a stolen agent invents no label, whatever it reports', () => {
    const lies = {
      cpuModels: ['EPYC', '../x', 'node-role'],
      cpuFeatures: ['__proto__', 'a'.repeat(63)],
      hostModel: 'x',
    };
    const labels = labelsOf(lies);
    const honest = labelsOf({});
    assert.deepEqual(Object.keys(labels).sort(), Object.keys(honest).sort(), 'labels are the same, whatever it says');
    assert.ok(Object.values(labels).every((value) => ['true', 'false', null].includes(value)));
  });

  it('choose the node of who names a model or requires a feature, and of nobody else', () => {
    const labels = (cpu: CPU) => cpuWishes(vmi(cpu), config).map(({ label }) => label);
    assert.deepEqual(labels({ model: 'EPYC', features: [{ name: 'avx2' }, { name: 'pcid', policy: 'disable' }] }), [
      'cpu-model.node.kubevirt.io/EPYC',
      'cpu-feature.node.kubevirt.io/avx2',
    ]);
    for (const cpu of [{}, { model: 'host-model' }, { model: 'host-passthrough' }, { features: [{ name: 'invtsc' }] }])
      assert.deepEqual(labels(cpu), []);
    assert.deepEqual(
      cpuWishes(vmi({}), { minCpuModel: 'Haswell' }).map(({ label }) => label),
      ['cpu-model.node.kubevirt.io/Haswell'],
    );
  });

  it('keep off a VM that forbids one of their features, and say which', () => {
    const forbids = vmi({ features: [{ name: 'avx2', policy: 'forbid' }] });
    assert.deepEqual(cpuWishes(forbids, config), []);
    assert.match(
      cpuNotes(forbids, config, [node('a')]) ?? '',
      /^spec\.domain\.cpu\.features\[0\]: every node has the CPU feature avx2, which the VM forbids; a has EPYC: write/,
    );
    const without = node('b', { models: ['EPYC'], features: [], hostModel: 'EPYC' });
    assert.equal(cpuNotes(forbids, config, [node('a'), without]), undefined);
    assert.equal(cpuNotes(vmi({ features: [{ name: 'pcid', policy: 'forbid' }] }), config, [node('a')]), undefined);
  });

  it('are told to who waits: what no node has, and what the nodes have', () => {
    const nodes = [node('a'), node('b'), node('c'), node('d')];
    assert.equal(
      cpuNotes(vmi({ model: 'Haswell', features: [{ name: 'pcid' }] }), config, nodes),
      'spec.domain.cpu.model: no node has the CPU model Haswell, spec.domain.cpu.features[0]: no node has the CPU feature pcid; a has EPYC, b has EPYC, c has EPYC and 1 more: ask for what a node has, or leave it out',
    );
    const obsolete = { ...config, obsoleteCpuModels: ['EPYC'] };
    assert.match(cpuNotes(vmi({ model: 'EPYC' }), obsolete, []) ?? '', /EPYC is among obsoleteCPUModels/);
    assert.equal(cpuNotes(vmi({ model: 'EPYC' }), config, nodes), undefined, 'it is not the CPU that keeps it');
    const other = node('e', { models: ['Haswell'], features: [], hostModel: 'Haswell' });
    assert.match(
      cpuNotes(vmi({ model: 'Haswell', features: [{ name: 'avx2' }] }), config, [...nodes, other]) ?? '',
      /no single node has all of Haswell, avx2/,
    );
  });
});
