import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildDomain, domainNotices, type DomainContext } from '../../../src/domain/index.js';
import { arbitraryCpuSetting } from '../api/virtlet/arbitrary-setting.js';
import { config, context, vmi } from './fixtures.js';
import { all, one, readXml } from './read-xml.js';

const golden = new URL('golden/', import.meta.url);

/** UPDATE_GOLDEN=1 writes the files; the integration test validates all of them with libvirt's schema. */
const matchesGolden = async (file: string, xml: string): Promise<void> => {
  const path = new URL(file, golden);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, xml);
  assert.equal(xml, await readFile(path, 'utf8'));
};

type Domain = Partial<VirtualMachineInstance['spec']['domain']>;
const annotated = (annotations: Record<string, string>, domain: Domain = {}): VirtualMachineInstance => {
  const subject = vmi({}, domain);
  return { ...subject, metadata: { ...subject.metadata, annotations } };
};
const setting = (text: string, domain: Domain = {}): VirtualMachineInstance =>
  annotated({ VirtletLibvirtCPUSetting: text }, domain);
const nested = (domain: Domain = {}): VirtualMachineInstance => annotated({ VirtletCPUModel: 'host-model' }, domain);

const node = (vendor: string, nests = 'true') => ({
  labels: { 'kubevirt.io/nested-virtualization': nests, [`cpu-vendor.node.kubevirt.io/${vendor}`]: 'true' },
});
const emulation = config({ developerConfiguration: { useEmulation: true } });
const emulated: Partial<DomainContext> = { config: emulation, kvmAvailable: false, node: node('Intel') };

const cpuOf = (subject: VirtualMachineInstance, changes: Partial<DomainContext> = {}) =>
  one(readXml(buildDomain(subject, context(changes))), 'cpu')!;
const policies = (subject: VirtualMachineInstance, changes: Partial<DomainContext>) =>
  all(cpuOf(subject, changes), 'feature').map(({ attributes }) => `${attributes['policy']} ${attributes['name']}`);

/** As printed on Virtlet's page (docs/reference/user-guides.md §2.1). */
const SEED_EXAMPLE = `mode: custom
model:
  value: Westmere
features:
- name: avx
  policy: disable
`;
const FULL_EXAMPLE = `mode: custom
match: exact
check: partial
model: {value: core2duo, fallback: allow, vendorID: GenuineIntel}
vendor: Intel
topology: {sockets: 2, cores: 4, threads: 1}
cache: {level: 3, mode: emulate}
features:
- {name: vmx, policy: require}
- {name: lahf_lm, policy: disable}
numa:
  cell:
  - {id: 0, cpus: "0-3", memory: "512000", unit: KiB}
  - {id: 1, cpus: "4-7", memory: "512000", unit: KiB}
`;
const EIGHT = { cpu: { sockets: 2, cores: 4, threads: 1 }, memory: { guest: '1024000Ki' } };

describe('the domain of a VMI with Virtlet annotations', () => {
  it('has the CPU of the page’s example', () =>
    matchesGolden('virtlet-westmere.xml', buildDomain(setting(SEED_EXAMPLE), context())));
  it('has every part of a CPU setting', () =>
    matchesGolden('virtlet-full.xml', buildDomain(setting(FULL_EXAMPLE, EIGHT), context())));
  it('nests on Intel', () =>
    matchesGolden('virtlet-nested-intel.xml', buildDomain(nested(), context({ node: node('Intel') }))));
  it('nests on AMD', () =>
    matchesGolden('virtlet-nested-amd.xml', buildDomain(nested(), context({ node: node('AMD') }))));
  it('does not nest under emulation', () =>
    matchesGolden('virtlet-nested-emulated.xml', buildDomain(nested(), context(emulated))));

  it('writes the same setting whether as YAML or as JSON, whatever the case of its names', () => {
    const json = '{"Mode":"custom","MODEL":{"Value":"Westmere"},"feature":[{"name":"avx","policy":"disable"}]}';
    assert.deepEqual(cpuOf(setting(json)), cpuOf(setting(SEED_EXAMPLE)));
  });
  it('prefers the setting to VirtletCPUModel and to the configured model', () => {
    const both = annotated({ VirtletCPUModel: 'host-model', VirtletLibvirtCPUSetting: SEED_EXAMPLE });
    const cpu = cpuOf(both, { config: config({ cpuModel: 'EPYC' }) });
    assert.deepEqual(one(cpu, 'model')?.children, ['Westmere']);
    assert.equal(cpu.attributes['mode'], 'custom');
  });
  it('takes an empty setting for none', () => {
    assert.deepEqual(cpuOf(setting('{}')), cpuOf(vmi()));
    assert.equal(
      cpuOf(annotated({ VirtletCPUModel: 'host-model', VirtletLibvirtCPUSetting: '' }), { node: node('AMD') })
        .attributes['mode'],
      'host-model',
    );
  });
  it('adds the topology of a VM of several vCPUs to a setting without one, and only that', () => {
    const cpu = cpuOf(setting('mode: host-model'), {});
    assert.deepEqual(cpu.children, []);
    const several = cpuOf(setting('mode: host-model', { cpu: { cores: 4 } }));
    assert.deepEqual(
      several.children.map((child) => (child as { attributes: object }).attributes),
      [{ sockets: '1', cores: '4', threads: '1' }],
    );
  });
  it('requires what nesting needs once, beside the features that were asked for', () => {
    const intel = { node: node('Intel') };
    assert.deepEqual(policies(nested({ cpu: { features: [{ name: 'avx', policy: 'disable' }] } }), intel), [
      'disable avx',
      'require vmx',
    ]);
    assert.deepEqual(policies(nested({ cpu: { model: 'host-model', features: [{ name: 'vmx' }] } }), intel), [
      'require vmx',
    ]);
    assert.deepEqual(policies(nested(), { node: node('Hygon') }), ['require svm']);
  });
  it('refuses a node that does not nest, where the node was chosen for it', () => {
    for (const labels of [{}, node('Intel', 'false').labels, node('Unknown').labels]) {
      assert.throws(() => buildDomain(nested(), context({ node: { labels } })), {
        code: 'NotSupported',
        field: 'metadata.annotations[VirtletCPUModel]',
      });
    }
  });
  it('does without where emulation is allowed, and says so', () => {
    const notices = (changes: Partial<DomainContext>) =>
      domainNotices(nested(), context(changes)).map(({ reason, message }) => `${reason}: ${message}`);
    assert.match(notices(emulated).join(), /^NestedVirtualizationUnavailable: .* this guest is emulated/);
    assert.match(notices({ config: emulation, node: { labels: {} } }).join(), /this node does not offer it/);
    assert.deepEqual(policies(nested(), { config: emulation, node: { labels: {} } }), []);
    assert.deepEqual(notices({ config: emulation, node: node('AMD') }), []);
    assert.deepEqual(domainNotices(vmi(), context(emulated)), []);
  });
  it("gives an emulated guest that asks for the host's CPU all that the emulation has, naming who asked", () => {
    const asked = setting('mode: host-passthrough');
    assert.match(buildDomain(asked, context(emulated)), /<cpu mode="maximum"/);
    assert.match(buildDomain(asked, context()), /<cpu mode="host-passthrough"/);
    const [notice] = domainNotices(asked, context(emulated));
    assert.match(notice?.message ?? '', /^metadata\.annotations\[VirtletLibvirtCPUSetting\]: this guest is emulated/);
    const configured = {
      ...emulated,
      config: config({ developerConfiguration: { useEmulation: true }, cpuModel: 'host-passthrough' }),
    };
    assert.match(buildDomain(vmi(), context(configured)), /<cpu mode="maximum"/);
    const [ofCluster] = domainNotices(vmi(), context(configured));
    assert.match(ofCluster?.message ?? '', /^cpuModel of the cluster's configuration: /);
    assert.deepEqual(domainNotices(asked, context()), []);
  });
  it('refuses a setting that admission would have refused', () => {
    assert.throws(() => buildDomain(setting('modus: custom'), context()), {
      code: 'InvalidValue',
      field: 'metadata.annotations[VirtletLibvirtCPUSetting]',
    });
  });
  it('writes well-formed XML of every valid setting, each part once', function () {
    this.timeout(0);
    fc.assert(
      fc.property(arbitraryCpuSetting, ({ text, vcpus, memoryKiB }) => {
        const subject = setting(text, { cpu: { sockets: vcpus }, memory: { guest: `${memoryKiB}Ki` } });
        const cpu = cpuOf(subject);
        const names = cpu.children
          .map((child) => (child as { name: string }).name)
          .filter((name) => name !== 'feature');
        assert.equal(new Set(names).size, names.length);
      }),
      { numRuns: 300 },
    );
  });
});
