import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeccompProfileFile } from '../../../../src/agent/node/seccomp-profile-file.js';
import { LAUNCHER_PROFILE } from '../../../../src/launcher/index.js';

describe('the seccomp profile in kubelet’s directory', () => {
  let directory = '';
  const told: string[] = [];
  const log = { info: () => undefined, warn: (_: object, message: string) => void told.push(message) };
  const path = (): string => join(directory, LAUNCHER_PROFILE.fileName);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'virt-seccomp-'));
    told.length = 0;
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is written once, under a name that says what is in it, and again where it was taken away or broken', () => {
    const file = new SeccompProfileFile(directory, log);
    writeFileSync(join(directory, 'launcher-of-another-version.json'), '{}');
    assert.equal(file.digest(), LAUNCHER_PROFILE.digest);
    assert.equal(readFileSync(path(), 'utf8'), LAUNCHER_PROFILE.text);
    rmSync(path());
    assert.equal(file.digest(), LAUNCHER_PROFILE.digest);
    // As a node that lost its power could leave it, were it not on the disk before it has its name.
    for (const rest of ['', LAUNCHER_PROFILE.text.slice(0, 100)]) {
      writeFileSync(path(), rest);
      assert.equal(file.digest(), LAUNCHER_PROFILE.digest);
      assert.equal(readFileSync(path(), 'utf8'), LAUNCHER_PROFILE.text);
    }
    assert.deepEqual(
      readdirSync(directory).toSorted(),
      [LAUNCHER_PROFILE.fileName, 'launcher-of-another-version.json'].toSorted(),
    );
    assert.deepEqual(told, []);
  });

  it('is not reported where it cannot be written, which is told once', () => {
    const file = new SeccompProfileFile(join(directory, 'missing'), log);
    assert.equal(file.digest(), undefined);
    assert.equal(file.digest(), undefined);
    assert.equal(told.length, 1);
    assert.match(told[0]!, /Mount the directory/);
  });
});
