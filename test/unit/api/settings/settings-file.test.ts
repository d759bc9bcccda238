import assert from 'node:assert/strict';
import { asSettings } from '../../../../src/api/settings/settings-file.js';

describe('a file of settings', () => {
  it('needs no name, and keeps what it has', () => {
    assert.deepEqual(asSettings({ kind: 'KubeVirt' }), { kind: 'KubeVirt', metadata: { name: 'kubevirt' } });
    assert.deepEqual(asSettings({ metadata: { name: 'mine', labels: {} } }), {
      metadata: { name: 'mine', labels: {} },
    });
    assert.deepEqual(asSettings({ metadata: 7 }), { metadata: 7 });
    for (const other of [null, 7, 'text', []]) assert.deepEqual(asSettings<unknown>(other), other);
  });
});
