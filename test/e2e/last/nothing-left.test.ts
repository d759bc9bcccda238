import assert from 'node:assert/strict';
import { list } from '../support/api.js';
import { until } from '../support/kubectl.js';

interface Named {
  readonly metadata: { readonly name: string };
}

/* Suites delete their namespaces without waiting for what is in them: it goes while the next ones run. */
describe('after all tests', function () {
  this.timeout(900_000);

  it('no namespace of a test is left: every guest, its pod and its objects went', async () => {
    const left = async (): Promise<string[]> =>
      (await list<Named>('', 'namespace'))
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.startsWith('e2e-'));
    await until('none is left', async () => (await left()).length === 0, { seconds: 300 }).catch(() => undefined);
    assert.deepEqual(await left(), []);
  });
});
