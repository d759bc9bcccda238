import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { answerFromAgent, statusFromAgent } from '../../../../src/webhook/subresources/agent-client.js';
import { requireWebSocket } from '../../../../src/webhook/subresources/console-upgrade.js';

const answer = (body: string, statusCode = 500): IncomingMessage =>
  Object.assign(Readable.from([Buffer.from(body)]), { statusCode }) as unknown as IncomingMessage;

describe('an agent’s refusal', () => {
  it('keeps its reason, code and message', async () => {
    const { code, reason, message } = await statusFromAgent(answer('{"reason":"Conflict","message":"paused already"}'));
    assert.deepEqual({ code, reason, message }, { code: 409, reason: 'Conflict', message: 'paused already' });
  });
  it('keeps a cause that is known, and nothing else of the details', async () => {
    const sent = (reason: string) =>
      statusFromAgent(
        answer(JSON.stringify({ reason: 'BadRequest', message: 'm', details: { name: 'x', causes: [{ reason }] } })),
      );
    assert.deepEqual((await sent('NotRunningYet')).details, { causes: [{ reason: 'NotRunningYet', message: 'm' }] });
    assert.equal((await sent('toString')).details, undefined);
  });
  it('has a code whatever the agent sent, because an answer without one ends the process', async () => {
    for (const body of [
      '{"reason":"Teapot","message":"later"}',
      '{"reason":"toString","message":"later"}',
      '{"reason":7,"message":"later"}',
      '{"reason":"Conflict","message":{}}',
      '{"reason":"Conflict","message":"m","details":{"causes":7}}',
      'null',
      'no JSON',
    ]) {
      assert.equal((await statusFromAgent(answer(body))).code, 500, body);
    }
  });
});

describe('an agent’s answer', () => {
  it('is what it has to say, or nothing', async () => {
    assert.deepEqual(await answerFromAgent(answer('{"hostname":"web"}', 200)), { hostname: 'web' });
    assert.equal(await answerFromAgent(answer('', 202)), undefined);
  });
  it('is a failure where it cannot be read, as one that is cut off at a megabyte', async () => {
    for (const body of ['no JSON', JSON.stringify('x'.repeat(1024 * 1024))])
      await assert.rejects(answerFromAgent(answer(body, 200)), { name: 'StatusError', code: 500 });
  });
});

describe('the handshake of a console', () => {
  const good = { upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' };
  const check = (headers: object) => () => requireWebSocket({ headers: headers as IncomingMessage['headers'] });
  it('is looked at before the console is taken from whoever has it', () => {
    assert.doesNotThrow(check(good));
    for (const bad of [
      { upgrade: 'h2c' },
      { 'sec-websocket-key': undefined },
      { 'sec-websocket-key': 'short' },
      { 'sec-websocket-version': '12' },
    ]) {
      assert.throws(check({ ...good, ...bad }), /this is a WebSocket/);
    }
  });
});
