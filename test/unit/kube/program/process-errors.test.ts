import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Registry } from 'prom-client';
import { watchProcessErrors } from '../../../../src/kube/program/process-errors.js';

class FakeProcess extends EventEmitter {
  exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

describe('errors that nobody handles', () => {
  const start = () => {
    const logged: [string, { error: string }, string][] = [];
    const log = {
      error: (fields: object, message: string) => void logged.push(['error', fields as { error: string }, message]),
      fatal: (fields: object, message: string) => void logged.push(['fatal', fields as { error: string }, message]),
    };
    const registry = new Registry();
    const process = new FakeProcess();
    watchProcessErrors(log, registry, process);
    return { logged, registry, process };
  };

  it('are logged and counted where a promise was rejected, whatever with, and end nothing', async () => {
    const { logged, registry, process } = start();
    for (const reason of [new Error('a defect'), 'text', undefined, Object.create(null)])
      process.emit('unhandledRejection', reason);
    assert.deepEqual(process.exits, []);
    assert.deepEqual(
      logged.map(([level, { error }]) => [level, error]),
      [
        ['error', 'a defect'],
        ['error', "'text'"],
        ['error', 'undefined'],
        ['error', '[Object: null prototype] {}'],
      ],
    );
    assert.match(await registry.metrics(), /kubevirt_unhandled_rejections_total 4/);
  });

  it('end the process where an exception was not caught, and the log says why', () => {
    const { logged, process } = start();
    process.emit('uncaughtException', new Error('half done'));
    assert.deepEqual(process.exits, [1]);
    assert.equal(logged[0]?.[0], 'fatal');
    assert.equal(logged[0][1].error, 'half done');
  });
});
