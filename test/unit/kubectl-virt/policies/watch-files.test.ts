import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchFiles } from '../../../../cmd/kubectl-virt/policies/watch-files.js';
import { newFiles } from './files.js';

describe('policy test --watch', () => {
  it('waits until a file changes, and no longer', async () => {
    const files = newFiles();
    try {
      const one = files.write('a/one.yaml', 'a');
      const other = files.write('b/other.yaml', 'b');
      let changed = false;
      const waiting = watchFiles([one, other, '-']).then(() => (changed = true));
      await sleep(300);
      assert.equal(changed, false);
      files.write('b/other.yaml', 'c');
      await waiting;
      assert.equal(changed, true);
    } finally {
      files.remove();
    }
  });
});
