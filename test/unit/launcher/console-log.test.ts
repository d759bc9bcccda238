import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { Devices } from '../../../src/api/schema/devices.js';
import { buildDomain } from '../../../src/domain/index.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { context, vmi } from '../domain/fixtures.js';
import { one, readXml } from '../domain/read-xml.js';

const withDevices = (devices: Partial<Devices>) => {
  const machine = vmi();
  machine.spec.domain.devices = { ...machine.spec.domain.devices, ...devices };
  return machine;
};
const podOf = (devices: Partial<Devices>) =>
  buildLauncherPod(withDevices(devices), { config: resolveClusterConfig(), launcherImage: 'launcher:1' }).spec;

describe('the log of a guest’s console', () => {
  const LOG = '/var/run/kubevirt/serial-log/virt-serial0-log';

  it('is none unless the VM asks for one and has a console', () => {
    for (const devices of [
      {},
      { logSerialConsole: false },
      { logSerialConsole: true, autoattachSerialConsole: false },
    ]) {
      assert.ok(!podOf(devices).containers.some(({ name }) => name === 'guest-console-log'));
      assert.equal(one(readXml(buildDomain(withDevices(devices), context())), 'log'), undefined);
    }
  });

  it('is appended by QEMU to a file of which a container has the directory and nothing else', () => {
    const { containers, volumes } = podOf({ logSerialConsole: true });
    const container = containers.find(({ name }) => name === 'guest-console-log')!;
    assert.deepEqual(container.command, ['/usr/bin/virt-console-log', LOG]);
    assert.deepEqual(container.volumeMounts, [{ name: 'serial-log', mountPath: '/var/run/kubevirt/serial-log' }]);
    assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
    assert.deepEqual(container.resources.limits, { cpu: '20m', memory: '16Mi' });
    assert.deepEqual(
      volumes.find(({ name }) => name === 'serial-log'),
      {
        name: 'serial-log',
        emptyDir: { sizeLimit: '128Mi' },
      },
    );
    const compute = containers[0]!;
    assert.ok(compute.volumeMounts.some(({ name }) => name === 'serial-log'));
    assert.equal(compute.env.find(({ name }) => name === 'SERIAL_LOG')?.value, LOG);
    const serial = one(readXml(buildDomain(withDevices({ logSerialConsole: true }), context())), 'serial')!;
    assert.deepEqual(one(serial, 'log')?.attributes, { file: LOG, append: 'on' });
  });
});

describe('what prints it', function () {
  this.timeout(30_000);
  let directory = '';
  let file = '';
  let printed = '';
  let child: ChildProcess;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'console-log-'));
    file = join(directory, 'log');
    printed = '';
    const env = { ...process.env, RATE: '1000', MOST: '5000', PAUSE: '0.1' };
    child = spawn('sh', ['src/launcher/console-log.sh', file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout?.on('data', (data: Buffer) => (printed += data.toString()));
  });
  afterEach(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const until = async (probe: () => boolean): Promise<void> => {
    for (let left = 100; left > 0 && !probe(); left -= 1) await sleep(50);
    assert.ok(probe(), printed.slice(-200));
  };

  it('waits for the file, prints each byte once, and the last words when the guest has ended', async () => {
    await sleep(250);
    writeFileSync(file, 'first\n');
    await until(() => printed === 'first\n');
    appendFileSync(file, 'second');
    await until(() => printed === 'first\nsecond');
    child.kill('SIGTERM');
    const ended = once(child, 'exit');
    appendFileSync(file, `\n${'x'.repeat(2500)}last`);
    writeFileSync(join(directory, 'ended'), '');
    assert.deepEqual(await ended, [0, null], 'kubelet’s SIGTERM does not end it, the entrypoint does');
    assert.equal(printed, `first\nsecond\n${'x'.repeat(2500)}last`);
  });

  it('prints so much a second, keeps the file small, and says what is left out', async () => {
    writeFileSync(file, 'y'.repeat(20_000));
    await until(() => statSync(file).size === 0);
    await until(() => printed.includes('bytes were too many'));
    assert.match(printed, /^y{1000}\n\[guest-console-log: 19000 bytes were too many and are not shown\]\n$/);
    appendFileSync(file, 'goes on');
    await until(() => printed.endsWith('goes on'));
  });
});
