import assert from 'node:assert/strict';
import { imageName, pullPolicy } from '../../../src/api/images.js';

describe('names of images', () => {
  it('are of localhost, which nobody can register', () => {
    assert.equal(imageName('control', '0.1.0'), 'localhost/kubectl-virt/control:0.1.0');
  });

  it('are never pulled from localhost, whatever is set', () => {
    for (const set of [undefined, 'Always', 'IfNotPresent'] as const) {
      assert.equal(pullPolicy(imageName('launcher', '1'), set), 'Never');
      assert.equal(pullPolicy('registry.example/launcher:1', set), set);
      // A registry of that name on another host.
      assert.equal(pullPolicy('localhost.example/launcher:1', set), set);
    }
  });
});
