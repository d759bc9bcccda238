import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stay } from '../../../src/launcher/containers.js';

const run = promisify(execFile);
const ENTRYPOINT = fileURLToPath(new URL('../../../src/launcher/entrypoint.sh', import.meta.url));
const UID = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const DOMAIN = 'shop_web';
/** libvirtd has no session mode for root, so all of it runs as nobody. */
const NOBODY = 65_534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Waits 2 s or so, then powers a q35 machine off by its ACPI port: a guest that shuts itself down. */
const POWER_OFF = [
  ...[0xb9, 0x24, 0x00], // mov cx, 36: timer ticks of 55 ms
  ...[0xfb], // sti
  ...[0xf4], // hlt, until the next tick
  ...[0xe2, 0xfd], // loop back to it
  ...[0xba, 0x04, 0x06], // mov dx, 0x604: PM1a control
  ...[0xb8, 0x00, 0x20], // mov ax, 0x2000: sleep enable, S5
  ...[0xef], // out dx, ax
  ...[0xf4], // hlt
];
/** Does nothing, and hears nothing: what a guest is that has hung. */
const HANG = [0xfa, 0xf4];
/** 1 MiB, for the firmware takes nothing smaller for a disk. */
const bootSector = (code: readonly number[]): Buffer => {
  const sector = Buffer.alloc(1024 * 1024);
  sector.set(code);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
};

class Launcher {
  // Not under os.tmpdir(), which may be long: a unix socket's path is limited to 107 bytes.
  readonly directory = mkdtempSync('/tmp/launcher-');
  readonly private = join(this.directory, 'p');
  readonly terminationLog = join(this.directory, 'termination-log');
  /** By its own name, or it would not know what it is. */
  readonly stay = join(this.directory, 'busybox');
  private process?: ChildProcess;
  private ended?: Promise<unknown[]>;
  log = '';

  private readonly env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    VMI_UID: UID,
    DOMAIN_NAME: DOMAIN,
    XDG_RUNTIME_DIR: join(this.private, 'run'),
    XDG_CONFIG_HOME: join(this.private, 'config'),
    XDG_CACHE_HOME: join(this.private, 'cache'),
    HOME: join(this.private, 'home'),
    PRIVATE_DIR: this.private,
    EPHEMERAL_DIR: join(this.directory, 'e'),
    TERMINATION_LOG: this.terminationLog,
    STAY: this.stay,
    LINGER: '0',
  };

  constructor() {
    chmodSync(this.directory, 0o777);
  }

  start(env: Record<string, string> = {}): void {
    if (user.uid !== undefined) chownSync(this.directory, user.uid, user.gid);
    const child = spawn('sh', [ENTRYPOINT], {
      ...user,
      cwd: '/',
      env: { ...this.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (data: Buffer) => (this.log += data.toString()));
    this.process = child;
    this.ended = once(child, 'exit');
  }

  /** Its libvirtd may end, with the guest, before it has answered: here the entrypoint waits for nobody to look. */
  async destroyGuest(): Promise<void> {
    await this.virsh('destroy', DOMAIN).catch((error: unknown) => {
      if (!/end of file/i.test(String(error))) throw error;
    });
  }

  async virsh(...args: string[]): Promise<string> {
    const uri = `qemu:///session?socket=${this.private}/run/libvirt/libvirt-sock`;
    const { stdout } = await run('virsh', ['-q', '-c', uri, ...args], { ...user, cwd: '/', env: this.env });
    return stdout.trim();
  }

  async libvirtd(): Promise<number> {
    const pidFile = join(this.private, 'run/libvirt/libvirtd.pid');
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim() !== '', 'libvirtd to start', this);
    await untilAsync(() => this.virsh('version'), 'libvirtd to answer', this);
    return Number(readFileSync(pidFile, 'utf8'));
  }

  /** Defines and starts a guest that boots this code; as the agent does, through libvirt. */
  async boot(code: readonly number[]): Promise<number> {
    await this.libvirtd();
    await this.define(code);
    await this.virsh('start', DOMAIN);
    return Number(readFileSync(join(this.private, `run/libvirt/qemu/run/${DOMAIN}.pid`), 'utf8'));
  }

  async define(code: readonly number[]): Promise<void> {
    const disk = join(this.directory, 'disk.img');
    writeFileSync(disk, bootSector(code), { mode: 0o666 });
    chmodSync(disk, 0o666);
    const xml = join(this.directory, 'domain.xml');
    writeFileSync(
      xml,
      `<domain type="qemu"><name>${DOMAIN}</name><uuid>${UID}</uuid><memory unit="MiB">32</memory>
        <os><type arch="x86_64" machine="q35">hvm</type></os><features><acpi/></features>
        <devices><disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${disk}"/>
        <target dev="sda" bus="sata"/></disk><memballoon model="none"/></devices></domain>`,
    );
    await this.virsh('define', xml);
  }

  terminate(): void {
    this.process?.kill('SIGTERM');
  }

  async exitStatus(): Promise<number | null> {
    const [code] = (await this.ended) as [number | null];
    return code;
  }

  get running(): boolean {
    return this.process?.exitCode === null;
  }
  get result(): unknown {
    return JSON.parse(readFileSync(join(this.private, UID, 'result'), 'utf8')) as unknown;
  }
  get reason(): string {
    return readFileSync(this.terminationLog, 'utf8');
  }

  /** Whatever a failed test left: everything of the directory by its own pids, never by a name. */
  async destroy(): Promise<void> {
    if (this.running) {
      await this.virsh('destroy', DOMAIN).catch(() => undefined);
      this.terminate();
      await Promise.race([this.ended, sleep(20_000, undefined, { ref: false })]);
      this.process?.kill('SIGKILL');
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const untilAsync = async (probe: () => Promise<unknown>, what: string, launcher: Launcher): Promise<void> => {
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    try {
      await probe();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`waited too long for ${what}; the launcher said:\n${launcher.log}`);
};
const until = (probe: () => boolean, what: string, launcher: Launcher): Promise<void> =>
  untilAsync(() => (probe() ? Promise.resolve() : Promise.reject(new Error(what))), what, launcher);

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe("launcher: the pod's entrypoint with a real libvirtd and QEMU", function () {
  this.timeout(300_000);
  let launcher: Launcher;

  beforeEach(() => {
    launcher = new Launcher();
  });
  afterEach(() => launcher.destroy());

  it('ends with the guest: status 0 when it powered itself off', async () => {
    launcher.start();
    const qemu = await launcher.boot(POWER_OFF);
    const libvirtd = await launcher.libvirtd();
    assert.equal(await launcher.exitStatus(), 0);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'shutdown' });
    assert.equal(launcher.reason, 'The guest powered off.');
    assert.deepEqual([isAlive(qemu), isAlive(libvirtd)], [false, false]);
  });

  it('has libvirtd give back what it frees, and leaves QEMU’s memory to QEMU', async () => {
    launcher.start();
    const qemu = await launcher.boot(HANG);
    const environment = (pid: number): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const ours = ['MALLOC_ARENA_MAX=1', 'GLIBC_TUNABLES=glibc.malloc.tcache_count=0'];
    const libvirtd = environment(await launcher.libvirtd());
    for (const one of ours) assert.ok(libvirtd.includes(one), one);
    for (const one of ours) assert.ok(!environment(qemu).includes(one), one);
    await launcher.destroyGuest();
    assert.equal(await launcher.exitStatus(), 0);
  });

  it('says so, with status 1, when QEMU was killed', async () => {
    launcher.start();
    process.kill(await launcher.boot(HANG), 'SIGKILL');
    assert.equal(await launcher.exitStatus(), 1);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'crashed' });
    assert.match(launcher.reason, /^QEMU ended unexpectedly \(crashed\)/);
  });

  it('starts a dead libvirtd again; the guest goes on, and its end is still noticed', async () => {
    launcher.start();
    const qemu = await launcher.boot(HANG);
    const first = await launcher.libvirtd();
    process.kill(first, 'SIGKILL');
    await until(() => !isAlive(first), 'libvirtd to die', launcher);
    await untilAsync(async () => assert.notEqual(await launcher.libvirtd(), first), 'a new libvirtd', launcher);
    await untilAsync(
      async () => assert.equal(await launcher.virsh('domstate', DOMAIN), 'running'),
      'the guest',
      launcher,
    );
    assert.ok(isAlive(qemu));
    await launcher.destroyGuest();
    assert.equal(await launcher.exitStatus(), 0);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'destroyed' });
  });

  it('notices a QEMU that ended while libvirtd was down', async () => {
    launcher.start();
    const qemu = await launcher.boot(HANG);
    const libvirtd = await launcher.libvirtd();
    process.kill(libvirtd, 'SIGKILL');
    process.kill(qemu, 'SIGKILL');
    assert.equal(await launcher.exitStatus(), 1);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'crashed' });
  });

  it('on SIGTERM destroys a guest that has no grace period, and ends what keeps the images', async () => {
    // The container of an image ignores SIGTERM and lives until the entrypoint ends it.
    await run('cp', ['/bin/busybox', launcher.stay]);
    chmodSync(launcher.stay, 0o755);
    const [file = '', ...args] = stay(launcher.stay);
    const image = spawn(file, args, { ...user, stdio: 'ignore' });
    const imageEnded = once(image, 'exit');
    launcher.start({ GRACE_PERIOD_SECONDS: '0' });
    const qemu = await launcher.boot(HANG);
    // kubelet's own, to every container.
    image.kill('SIGTERM');
    launcher.terminate();
    assert.equal(await launcher.exitStatus(), 0);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'destroyed' });
    assert.ok(!isAlive(qemu));
    // A pod whose containers all end with 0 is Completed; this is one of them.
    assert.deepEqual(await imageEnded, [0, null]);
  });

  it('on SIGTERM asks a guest to power off, and destroys a deaf one at the end of its time', async () => {
    launcher.start({ GRACE_PERIOD_SECONDS: '1' });
    await launcher.boot(HANG);
    const before = Date.now();
    launcher.terminate();
    assert.equal(await launcher.exitStatus(), 0);
    assert.match(launcher.log, /asking the guest to power off, for at most 16 s/);
    assert.match(launcher.log, /has not powered off; destroying it/);
    assert.ok(Date.now() - before >= 15_000);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'destroyed' });
  });

  it('tells an end on request from one that may be kubelet’s doing, of a guest with a liveness probe', async () => {
    launcher.start({ GRACE_PERIOD_SECONDS: '0', LIVENESS_PROBE: 'yes' });
    await launcher.boot(HANG);
    assert.ok(!existsSync(join(launcher.private, UID, 'told-to-stop')));
    launcher.terminate();
    await until(() => existsSync(join(launcher.private, UID, 'told-to-stop')), 'the word of it', launcher);
    assert.equal(await launcher.exitStatus(), 143);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'destroyed' });
  });

  it('takes no word that comes after the guest’s own end for one: the agent says so when it has seen that', async () => {
    launcher.start({ LIVENESS_PROBE: 'yes', LINGER: '3' });
    await launcher.boot(POWER_OFF);
    await until(() => existsSync(join(launcher.private, UID, 'result')), 'the end of the guest', launcher);
    launcher.terminate();
    assert.equal(await launcher.exitStatus(), 0);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'shutdown' });
  });

  it('waits for the sockets of shared directories, and tells who keeps them when there is no guest any more', async () => {
    const socket = join(launcher.directory, 'conf.sock');
    launcher.start({ FILESYSTEM_SOCKETS: socket, VIRTIOFSD: join(launcher.directory, 'virtiofsd') });
    await sleep(1_500);
    assert.ok(!existsSync(join(launcher.private, 'run/libvirt/libvirtd.pid')), 'libvirtd waits');
    const server = createServer().listen(socket);
    await launcher.boot(POWER_OFF);
    assert.equal(await launcher.exitStatus(), 0);
    assert.ok(existsSync(join(launcher.directory, 'ended')));
    server.close();
  });

  it('ends at once when it is told to stop before a guest ran', async () => {
    launcher.start();
    await launcher.libvirtd();
    launcher.terminate();
    assert.equal(await launcher.exitStatus(), 0);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'none' });
  });

  it('does not take a start that failed for the end of the guest', async () => {
    launcher.start();
    await launcher.libvirtd();
    await launcher.define(HANG);
    const disk = join(launcher.directory, 'disk.img');
    rmSync(disk);
    await assert.rejects(launcher.virsh('start', DOMAIN));
    assert.ok(launcher.running);
    await launcher.boot(POWER_OFF);
    assert.equal(await launcher.exitStatus(), 0);
    assert.deepEqual(launcher.result, { state: 'shutoff', reason: 'shutdown' });
  });

  it('says what is wrong when it cannot write', async () => {
    launcher.start({ PRIVATE_DIR: '/proc/nowhere' });
    assert.equal(await launcher.exitStatus(), 2);
    assert.equal(launcher.reason, 'The launcher cannot write to /proc/nowhere.');
  });
});
