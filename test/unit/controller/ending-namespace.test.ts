import assert from 'node:assert/strict';
import { leavingEndingNamespaces } from '../../../src/controller/ending-namespace.js';
import { answeredError } from '../../../src/kube/client/api-error.js';

/** What Kubernetes 1.20 and 1.36 answer to a creation in a namespace that is being deleted. */
const ENDING = JSON.stringify({
  kind: 'Status',
  status: 'Failure',
  message: 'pods "x" is forbidden: unable to create new content in namespace ns because it is being terminated',
  reason: 'Forbidden',
  details: {
    name: 'x',
    kind: 'pods',
    causes: [
      { reason: 'NamespaceTerminating', message: 'namespace ns is being terminated', field: 'metadata.namespace' },
    ],
  },
  code: 403,
});

describe('a namespace that is being deleted', () => {
  const failing = (body: string) => leavingEndingNamespaces(() => Promise.reject(answeredError(403, body)))('ns/vm');

  it('is left alone: what cannot be made there is no failure, and is not tried again at once', async () => {
    const outcome = await failing(ENDING);
    assert.ok((outcome?.requeueAfterMs ?? 0) >= 30_000);
  });

  it('is not taken for one that refuses for another reason', async () => {
    await assert.rejects(failing(ENDING.replace('NamespaceTerminating', 'Quota')));
    await assert.rejects(failing(JSON.stringify({ message: 'exceeded quota', reason: 'Forbidden', code: 403 })));
    await assert.rejects(leavingEndingNamespaces(() => Promise.reject(new Error('no answer')))('ns/vm'));
    assert.deepEqual(await leavingEndingNamespaces(() => Promise.resolve({ requeueAfterMs: 5 }))('ns/vm'), {
      requeueAfterMs: 5,
    });
  });
});
