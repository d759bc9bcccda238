import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { Load } from './load.js';
import { review, StandaloneWebhook } from './standalone-webhook.js';

const ROTATIONS = 200;

describe('certificates rotated under load', function () {
  this.timeout(300_000);
  let webhook: StandaloneWebhook;
  let load: Load | undefined;

  before(async () => {
    webhook = await StandaloneWebhook.start();
  });
  after(async () => {
    await load?.end();
    webhook.kill();
  });

  it(`${ROTATIONS} times fail no call, neither on connections that stay nor on new ones`, async () => {
    const body = review(manifest({}));
    const kept = new Agent({ keepAlive: true, maxSockets: 2 });
    // Connections of their own, which take up the TLS session of the last one where the server knows it still.
    const fresh = new Agent({ keepAlive: false, maxSockets: 2 });
    load = new Load(async (lane) => {
      const { status, review: answer } = await webhook.call(lane % 2 === 0 ? '/mutate' : '/validate', body, {
        agent: lane < 2 ? kept : fresh,
      });
      assert.equal(status, 200);
      assert.equal(answer.response.allowed, true);
    }, 4);

    // Each renewal is shown to who connects after it.
    const shown = new Set([(await webhook.call('/validate', body)).fingerprint]);
    for (let rotation = 1; rotation <= ROTATIONS; rotation += 1) {
      webhook.process.kill('SIGHUP');
      let fingerprint: string;
      do fingerprint = (await webhook.call('/validate', body)).fingerprint;
      while (shown.has(fingerprint));
      shown.add(fingerprint);
    }
    const { calls, failures } = await load.end();
    assert.deepEqual(failures, []);
    assert.equal(shown.size, 1 + ROTATIONS);
    assert.ok(calls > 2 * ROTATIONS, `${calls} calls`);
    kept.destroy();
    fresh.destroy();
  });
});
