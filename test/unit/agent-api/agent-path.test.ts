import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AGENT_PATH, agentPath } from '../../../src/agent-api/agent-path.js';

describe('the path of a VMI at its agent', () => {
  it('is read as it was written, whatever the names', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, (namespace, name) => {
        const [, ...parts] = AGENT_PATH.exec(agentPath(namespace, name, 'console')) ?? [];
        assert.deepEqual(parts.map(decodeURIComponent), [namespace, name, 'console']);
      }),
      { numRuns: 200 },
    );
  });
});
