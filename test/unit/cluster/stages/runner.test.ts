import { strictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Runner } from '../../../cluster/stages/runner.js';

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a run of stages', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'runner-test-'));
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('that is interrupted ends mocha itself, not only what started it', async function () {
    this.timeout(60_000);
    const file = path.join(directory, 'hangs.test.cjs');
    writeFileSync(file, "it('hangs', function (done) { this.timeout(0); console.log('PID', process.pid); });\n");
    const runner = new Runner({ cores: 1, grep: undefined });
    const write = process.stdout.write.bind(process.stdout);
    let output = '';
    process.stdout.write = (text: string | Uint8Array) => {
      output += String(text);
      return true;
    };
    try {
      const stage = runner.mocha('hanging', [file]);
      while (!/PID \d+/.test(output)) await sleep(20);
      runner.interrupt('SIGTERM');
      strictEqual(await stage, false);
    } finally {
      process.stdout.write = write;
    }
    const pid = Number(/PID (\d+)/.exec(output)?.[1]);
    while (lives(pid)) await sleep(20);
  });
});
