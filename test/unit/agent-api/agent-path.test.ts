import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AGENT_PATH, agentPath } from '../../../src/agent-api/agent-path.js';

describe('the path of a VMI at its agent', () => {
  it('is read as it was written, whatever the names', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, (namespace, name) => {
        const [, ...parts] = AGENT_PATH.exec(agentPath(namespace, name, 'console')) ?? [];
        assert.deepEqual(
          parts.slice(0, 2).map((part) => decodeURIComponent(part)),
          [namespace, name],
        );
        assert.deepEqual(parts.slice(2), ['console', undefined]);
        const [, , , word, below] = AGENT_PATH.exec(agentPath(namespace, name, 'portforward', '22/tcp')) ?? [];
        assert.deepEqual([word, below], ['portforward', '22/tcp']);
      }),
      { numRuns: 200 },
    );
  });
});
