import assert from 'node:assert/strict';
import { Witness } from '../../../../../src/kube/program/liveness/heartbeat.js';

describe('the witness of the event loop', () => {
  const beats = new Int32Array(1);
  const witness = new Witness(beats, 3);
  const look = (times: number): void => Array.from({ length: times }).forEach(() => witness.look());

  it('is alive as long as the loop beats now and then', () => {
    assert.ok(witness.alive);
    for (let round = 0; round < 5; round++) {
      look(3);
      assert.ok(witness.alive, `round ${round}`);
      beats[0] = round + 1;
    }
  });

  it('hangs after so many looks without a beat, and is alive again with the next', () => {
    look(4);
    assert.ok(!witness.alive);
    beats[0] = 100;
    look(1);
    assert.ok(witness.alive);
  });
});
