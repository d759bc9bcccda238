import assert from 'node:assert/strict';
import { fragmentOf, toYaml } from '../../../src/explain/fragment.js';

describe('fragments of manifests', () => {
  it('show what a change sets, and the names of list items that it changes', () => {
    assert.equal(
      fragmentOf({ 'spec.domain.devices.disks[0].cache': 'none', 'spec.hostname': 'web' }),
      'spec:\n  domain:\n    devices:\n      disks:\n        - name: root\n          cache: none\n  hostname: web\n',
    );
  });

  it('say where an item stands that is not the first', () => {
    assert.equal(fragmentOf({ 'spec.volumes[1].name': 'x' }), 'spec:\n  volumes:\n    # volumes[1]\n    - name: x\n');
  });

  it('say what is absent', () => {
    assert.equal(
      fragmentOf({ 'spec.runStrategy': undefined }, 'VirtualMachine'),
      'kind: VirtualMachine\nspec: {} # no runStrategy\n',
    );
    assert.match(
      fragmentOf({ 'spec.hostname': 'a', 'spec.subdomain': undefined }),
      /hostname: a\n {2}# no subdomain\n$/,
    );
  });

  it('cut what is long', () => {
    assert.equal(
      fragmentOf({ 'spec.hostname': 'a'.repeat(300) }),
      `spec:\n  hostname: ${'a'.repeat(24)}… # 300 characters\n`,
    );
    const list = Array.from({ length: 50 }, (_, i) => `item${i}`);
    assert.equal(toYaml({ list }), 'list:\n  - item0\n  - item1\n  # … 50 items\n');
  });

  it('are YAML, whatever the texts hold', () => {
    assert.equal(toYaml({ a: 'x: y # z', b: '010', c: null }), 'a: "x: y # z"\nb: "010"\nc: null\n');
  });
});
