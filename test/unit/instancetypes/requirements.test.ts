import assert from 'node:assert/strict';
import type { VirtualMachinePreferenceSpec } from '../../../src/api/schema/preference.js';
import type { DomainSpec } from '../../../src/api/schema/virtualmachineinstance.js';
import { shortfalls } from '../../../src/instancetypes/requirements.js';

const size = (guest: number, memory = '4Gi') => ({ cpu: { guest }, memory: { guest: memory } });
const fields = (
  requirements: VirtualMachinePreferenceSpec['requirements'],
  domain: Partial<DomainSpec>,
  type?: ReturnType<typeof size>,
  topology?: string,
): string[] =>
  shortfalls({ requirements, cpu: { preferredCPUTopology: topology } }, type, {
    domain: { devices: {}, ...domain },
  }).map(({ field }) => field);
const D = 'spec.template.spec.domain.';

describe('instancetypes/requirements', () => {
  it('compares the vCPUs of the instance type, else those of the template in the preferred dimension', () => {
    const two = { cpu: { guest: 2 } };
    assert.deepEqual(fields(two, {}, size(2)), []);
    assert.deepEqual(fields(two, {}, size(1)), ['spec.instancetype']);
    assert.deepEqual(fields(two, { cpu: { sockets: 2 } }), []);
    assert.deepEqual(fields(two, { cpu: { cores: 2 } }), [`${D}cpu.sockets`]);
    assert.deepEqual(fields(two, { cpu: { cores: 2 } }, undefined, 'cores'), []);
    assert.deepEqual(fields(two, { cpu: { cores: 2 } }, undefined, 'threads'), [`${D}cpu.threads`]);
    assert.deepEqual(fields(two, { cpu: { cores: 2 } }, undefined, 'any'), []);
    assert.deepEqual(fields(two, {}), [`${D}cpu`]);
    assert.deepEqual(fields(two, { resources: { requests: { cpu: '1500m' } } }), []);
  });

  it('compares the memory of the template, else of the instance type', () => {
    const four = { memory: { guest: '4Gi' } };
    assert.deepEqual(fields(four, {}, size(1)), []);
    assert.deepEqual(fields(four, {}, size(1, '4095Mi')), ['spec.instancetype']);
    assert.deepEqual(fields(four, { memory: { guest: '4Gi' } }), []);
    assert.deepEqual(fields(four, { memory: { guest: '2Gi' } }), [`${D}memory.guest`]);
    assert.deepEqual(fields(four, {}), [`${D}memory.guest`]);
    assert.deepEqual(fields(four, { resources: { requests: { memory: '8Gi' } } }), []);
  });

  it('compares the architecture', () => {
    assert.deepEqual(fields({ architecture: 'amd64' }, {}), []);
    assert.deepEqual(fields({ architecture: 'arm64' }, {}), ['spec.template.spec.architecture']);
  });

  it('requires nothing by itself', () => {
    assert.deepEqual(fields(undefined, {}), []);
    assert.deepEqual(fields({}, {}), []);
  });
});
