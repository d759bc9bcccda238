import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, CreateFlag } from 'node-libvirt';
import { FILESYSTEM_SOCKETS, GUEST_ID, localPaths, SHARED_DIRECTORY } from '../../../src/api/pod-layout.js';
import { buildDomain } from '../../../src/domain/index.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { config, context, vmi } from '../../unit/domain/fixtures.js';
import { launcherRoot } from '../support/launcher-root.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

const CONFIG = config({ developerConfiguration: { useEmulation: true } });
const machine = vmi({ volumes: [{ name: 'conf', configMap: { name: 'app' } }] });
machine.spec.domain.devices = {
  autoattachGraphicsDevice: false,
  disks: [],
  interfaces: [],
  filesystems: [{ name: 'conf', virtiofs: {} }],
};
machine.spec.networks = [];

/** The command of the container in the launcher's root, as its user: its directories are in the daemon's. */
const share = (root: string, { directory }: SessionLibvirtd): ChildProcess => {
  const pod = buildLauncherPod(machine, { config: CONFIG, launcherImage: 'launcher:1' });
  const command = pod.spec.containers.find(({ name }) => name === 'virtiofs-conf')?.command ?? [];
  const here = command.map((word) =>
    word
      .replaceAll(FILESYSTEM_SOCKETS.path, `${directory}/filesystems`)
      .replace(SHARED_DIRECTORY, `${directory}/shared`),
  );
  const script = `set -e
    mount -t proc proc "$0/proc"; mkdir -p "$0/dev"; mount --rbind /dev "$0/dev"; mount --bind /tmp "$0/tmp"
    exec chroot "$0" setpriv --reuid=${GUEST_ID} --regid=${GUEST_ID} --clear-groups --no-new-privs --bounding-set=-all -- "$@"`;
  return spawn('unshare', ['--mount', '--', 'sh', '-c', script, root, ...here], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
};

const until = async (what: string, probe: () => boolean): Promise<void> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (probe()) return;
    await sleep(50);
  }
  throw new Error(`waited too long: ${what}`);
};

describe('a shared directory of the launcher’s virtiofsd, libvirt and QEMU', function () {
  this.timeout(180_000);
  let daemon: SessionLibvirtd;
  let sharing: ChildProcess;
  let log = '';
  before(async () => {
    const root = await launcherRoot();
    daemon = await startSessionLibvirtd(root);
    for (const name of ['filesystems', 'shared']) {
      mkdirSync(join(daemon.directory, name));
      chownSync(join(daemon.directory, name), GUEST_ID, GUEST_ID);
    }
    sharing = share(root, daemon);
    sharing.stderr?.on('data', (text: Buffer) => (log += text.toString()));
  });
  after(async () => {
    await daemon.stop();
    if (sharing.exitCode === null) sharing.kill('SIGKILL');
  });

  it('is there for each start of the guest, one after the other, and ends with status 0', async () => {
    const paths = localPaths(daemon.directory);
    const xml = buildDomain(machine, context({ config: CONFIG, kvmAvailable: false, paths, disks: {} }));
    const { domains, close } = await connect({ socketPath: daemon.socketPath }).then((connection) => ({
      domains: connection.domains,
      close: () => connection.close(),
    }));
    const socket = paths.filesystemSocket('conf');
    const ended = once(sharing, 'exit');
    try {
      await until(`the socket; virtiofsd said: ${log}`, () => existsSync(socket));
      const domain = await domains.defineXML(xml);
      for (let start = 0; start < 2; start += 1) {
        await domains.create(domain, CreateFlag.PAUSED);
        await sleep(300);
        await domains.destroy(domain);
        // Started again for the next.
        await sleep(1_000);
      }
      assert.equal(sharing.exitCode, null, log);
      // As the entrypoint does at the end; whoever waits for a QEMU is told by a signal, which a test need not send to
      // strangers: another QEMU comes and goes.
      writeFileSync(`${daemon.directory}/filesystems/ended`, '');
      await domains.create(domain, CreateFlag.PAUSED);
      await domains.destroy(domain);
      assert.deepEqual(await ended, [0, null], log);
    } finally {
      await close();
    }
  });
});
