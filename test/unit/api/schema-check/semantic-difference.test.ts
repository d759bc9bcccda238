import assert from 'node:assert/strict';
import fc from 'fast-check';
import { differenceAt } from '../../../../src/api/schema-check/semantic-difference.js';

const spec = (now: unknown, before: unknown) => differenceAt('VirtualMachineInstance', 'spec', now, before);

describe('api/semantic-difference', () => {
  it('finds none where only the writing differs', () => {
    assert.equal(
      spec(
        { domain: { memory: { guest: '1Gi' }, resources: {} }, volumes: [], nodeSelector: {}, hostname: '' },
        { domain: { memory: { guest: '1024Mi' } } },
      ),
      undefined,
    );
    const at = (seconds: string) => ({ creationTimestamp: `2026-01-01T00:00:00${seconds}` });
    assert.equal(differenceAt('VirtualMachine', 'metadata', at('Z'), at('+00:00')), undefined);
  });
  it('names the first place that differs', () => {
    assert.equal(spec({ domain: { cpu: { cores: 2 } } }, { domain: { cpu: { cores: 1 } } }), 'spec.domain.cpu.cores');
    assert.equal(spec({ volumes: [{ name: 'a' }] }, { volumes: [] }), 'spec.volumes');
    assert.equal(spec({ volumes: [{ name: 'a' }, { name: 'b' }] }, { volumes: [{ name: 'a' }] }), 'spec.volumes[1]');
    assert.equal(spec({ nodeSelector: { 'a/b': 'c' } }, { nodeSelector: { 'a/b': 'd' } }), 'spec.nodeSelector[a/b]');
    assert.equal(
      differenceAt('VirtualMachineInstance', 'spec.volumes[]', { name: 'a' }, { name: 'b' }, 'spec.volumes[3]'),
      'spec.volumes[3].name',
    );
  });
  it('does not take false, an object without members, or a text that looks like an amount for nothing', () => {
    const devices = (value: object) => ({ domain: { devices: value } });
    assert.equal(
      spec(devices({ autoattachPodInterface: false }), devices({})),
      'spec.domain.devices.autoattachPodInterface',
    );
    assert.equal(spec(devices({ rng: {} }), devices({})), 'spec.domain.devices.rng');
    assert.equal(spec({ hostname: '1.0' }, { hostname: '1' }), 'spec.hostname');
  });
  it('knows every JSON from its copy and from what is not it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(spec(value, structuredClone(value)), undefined);
        assert.equal(spec({ hostname: 'a', domain: value }, { hostname: 'b', domain: value }), 'spec.hostname');
      }),
    );
  });
});
