import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageName } from '../../src/api/images.js';
import type { SSHPublicKeyAccessCredential } from '../../src/api/schema/access-credential.js';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import type { Volume } from '../../src/api/schema/volumes.js';
import { ConsoleSession } from './support/console.js';
import { apply, get, list } from './support/api.js';
import { allOf, connectTo, forwarding, runPlugin } from './support/forward.js';
import { plugin, until } from './support/kubectl.js';
import { instance, tinySpec, untilEvent, untilPhase, useNamespace } from './support/machines.js';

/** Of core/v1, what the test reads. */
interface Event {
  readonly reason?: string;
  readonly message?: string;
}

/** Seconds since 1970, of bytes below 128. */
const LOGIN_TIME = 0x65534100;
/** An entry of utmp: somebody is logged in. */
const LOGIN = (() => {
  const entry = Buffer.alloc(384);
  entry.writeInt16LE(7, 0);
  entry.write('ttyS0', 8);
  entry.write('root', 44);
  entry.writeInt32LE(LOGIN_TIME, 340);
  return entry;
})();

/*
 * A whole distribution: cloud-init takes its user data, and the guest agent tells about it. Under TCG it boots in 90 s.
 */
describe('a Debian guest with cloud-init and qemu-guest-agent', function () {
  this.timeout(1_500_000);
  const namespace = useNamespace('e2e-debian-guest');
  const vmi = (name: string) => get<VirtualMachineInstance>(namespace, 'vmi', name);

  // Not echoed anywhere as it stands here: only the guest's shell makes 42 of it.
  const home = mkdtempSync(join(tmpdir(), 'e2e-ssh-'));
  const key = join(home, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const publicKey = readFileSync(`${key}.pub`, 'utf8').trim();
  const userData = `#cloud-config\nssh_authorized_keys: ['${publicKey}']\nruncmd:\n  - 'echo "user data ran $((6*7))" > /dev/ttyS0'\n  - 'touch /run/open'\n`;
  const seeds: readonly { readonly title: string; readonly vm: string; readonly source: Omit<Volume, 'name'> }[] = [
    { title: 'does what its user data says, from NoCloud', vm: 'no-cloud', source: { cloudInitNoCloud: { userData } } },
    {
      title: 'does what its user data says, from ConfigDrive',
      vm: 'config-drive',
      source: { cloudInitConfigDrive: { userData } },
    },
  ];
  const readyOf = async (name: string) =>
    (await vmi(name))?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const consoles = new Map<string, ConsoleSession>();
  let stopForwarding: (() => Promise<unknown>) | undefined;
  const KEYS = [
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFirst a@home',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINext b@home',
  ];
  const PASSWORD = 'of-the-secret-7';
  const secret = (name: string, data: Record<string, string>) => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  });
  const source = (secretName: string) => ({ secret: { secretName } });
  const password = { userPassword: { source: source('passwords'), propagationMethod: { qemuGuestAgent: {} } } };
  const keysBy = (propagationMethod: SSHPublicKeyAccessCredential['propagationMethod']) => ({
    sshPublicKey: { source: source('keys'), propagationMethod },
  });
  /** A shell on the console, by the password that the guest's agent was told. */
  const login = async (vm: string): Promise<ConsoleSession> => {
    const session = consoles.get(vm)!;
    session.type('\r');
    await session.expect(/login: /, 120);
    session.type('root\r');
    await session.expect(/Password: /, 60);
    session.type(`${PASSWORD}\r`);
    await session.shell(120);
    return session;
  };

  before('both boot side by side', async () => {
    await apply(secret('keys', { first: `# of the team\n${KEYS[0] ?? ''}\n` }));
    await apply(secret('passwords', { root: `${PASSWORD}\n` }));
    const image = { image: imageName('guest-debian', 'latest'), imagePullPolicy: 'Never' } as const;
    for (const { vm, source } of seeds) {
      const volumes = [
        { name: 'root', containerDisk: image },
        { name: 'seed', ...source },
      ];
      const spec = tinySpec({ volumes });
      spec.domain.devices.disks = ['root', 'seed'].map((name) => ({ name, disk: { bus: 'virtio' } }));
      spec.domain.resources = { requests: { memory: '512Mi' } };
      if (vm === 'no-cloud')
        spec.readinessProbe = { exec: { command: ['test', '-e', '/run/open'] }, periodSeconds: 5, timeoutSeconds: 5 };
      spec.accessCredentials = [
        password,
        keysBy(vm === 'no-cloud' ? { qemuGuestAgent: { users: ['root'] } } : { configDrive: {} }),
      ];
      await apply(instance(namespace, vm, spec));
    }
    for (const { vm } of seeds) {
      await untilPhase(namespace, vm, 'Running');
      consoles.set(vm, new ConsoleSession(namespace, vm));
    }
    // Its guest boots for a minute more, and nobody in it answers the probe.
    const ready = await until('something is said of it', async () => await readyOf('no-cloud'), { namespace });
    assert.equal(ready, 'False');
  });
  after(async () => {
    await stopForwarding?.();
    for (const session of consoles.values()) await session.close();
    rmSync(home, { recursive: true });
  });

  for (const { title, vm } of seeds) {
    it(title, async () => {
      await consoles.get(vm)?.expect(/user data ran 42/, 900);
    });
  }

  it('is ready when the command of its readiness probe succeeds in it', async () => {
    await until('it is ready', async () => (await readyOf('no-cloud')) === 'True', { seconds: 300, namespace });
  });

  it('has the password and the keys of its Secrets, and those that come later', async () => {
    const inStep = async (name: string) =>
      (await vmi(name))?.status?.conditions?.some(
        ({ type, status }) => type === 'AccessCredentialsSynchronized' && status === 'True',
      );
    for (const { vm } of seeds) await until(`${vm} has its credentials`, () => inStep(vm), { seconds: 300, namespace });
    await apply(secret('keys', { first: KEYS[1] ?? '' }));
    const configDrive = await login('config-drive');
    configDrive.type('cat /home/*/.ssh/authorized_keys; echo end-$((40+2))\r');
    assert.match(await configDrive.expect(/[^]*end-42/, 60), /AAAAIFirst/);
    const noCloud = await login('no-cloud');
    const keys = async (): Promise<string> => {
      noCloud.type('cat /root/.ssh/authorized_keys; stat -c %a /root/.ssh/authorized_keys; echo end-$((40+2))\r');
      return noCloud.expect(/[^]*end-42/, 60);
    };
    assert.match(await keys(), /AAAAI(First|Next)[^]*600/);
    // kubelet brings a changed Secret within a minute and a half.
    await until('the next keys are there', async () => (await keys()).includes('AAAAINext'), {
      seconds: 240,
      namespace,
    });
    assert.ok(!(await keys()).includes('AAAAIFirst'), 'in place of those that were there');
  });

  it('reports its system through the guest agent', async () => {
    const isConnected = async () =>
      (await vmi('no-cloud'))?.status?.conditions?.some(
        ({ type, status }) => type === 'AgentConnected' && status === 'True',
      );
    await until('the guest agent is connected', isConnected, { seconds: 300, namespace });
    const info = await until('the guest tells its system', async () => (await vmi('no-cloud'))?.status?.guestOSInfo, {
      namespace,
    });
    assert.match(info.name ?? '', /Debian/);
    assert.ok(info.kernelRelease);
  });

  const WITH_KEY = ['-n', namespace, '-l', 'debian', '-i', key];
  const environment = { ...process.env, HOME: home };
  const ssh = (args: readonly string[], command: string) =>
    runPlugin(['ssh', ...args, ...WITH_KEY, '--local-ssh-opts=-oBatchMode=yes', '-c', command], environment);

  it('is reached by ssh, whose exit code is the command’s, and by scp, through all of kubectl’s flags', async () => {
    const first = await until('ssh answers', async () => {
      const answer = await ssh(['vmi/no-cloud'], 'echo $((6*7)) from $(whoami); exit 7');
      return answer.code === 7 ? answer : false;
    });
    assert.equal(first.out.trim(), '42 from debian');
    const explicit = await ssh(['no-cloud', `--kubeconfig=${process.env['KUBECONFIG'] ?? ''}`, '-v=0'], 'true');
    assert.equal(explicit.code, 0, explicit.errors);
    assert.match(readFileSync(join(home, '.ssh/kubectl_virt_known_hosts'), 'utf8'), /^no-cloud\.e2e-debian-guest\./m);
    const big = randomBytes(2 * 2 ** 20);
    writeFileSync(join(home, 'file'), big);
    const there = await runPlugin(['scp', ...WITH_KEY, join(home, 'file'), 'vmi/no-cloud:/tmp/file'], environment);
    assert.equal(there.code, 0, there.errors);
    const back = await runPlugin(
      ['scp', ...WITH_KEY, 'debian@vmi/no-cloud:/tmp/file', join(home, 'back')],
      environment,
    );
    assert.equal(back.code, 0, back.errors);
    assert.ok(readFileSync(join(home, 'back')).equals(big));
    const refused = await ssh(['vmi/no-cloud', '-p', '2222'], 'true');
    assert.equal(refused.code, 255);
    assert.match(refused.errors, /the guest refuses connections to TCP port 2222: nothing listens there/);
  });

  it('has its ports here: TCP that ends in halves, UDP, hundreds of connections', async () => {
    writeFileSync(join(home, 'server.py'), SERVER);
    await runPlugin(['scp', ...WITH_KEY, join(home, 'server.py'), 'vmi/no-cloud:/tmp/server.py'], environment);
    await ssh(['vmi/no-cloud'], 'nohup python3 /tmp/server.py > /tmp/server.log 2>&1 < /dev/null & sleep 2');
    const ports = [':7000', ':7001', 'udp/:7002', ':7999'];
    const { ports: local, errors, stop } = await forwarding(namespace, 'vmi/no-cloud', ports);
    stopForwarding = stop;
    const [counted = 0, first = 0, udp = 0, closed = 0] = local;

    const all = randomBytes(8 * 2 ** 20);
    const socket = await connectTo(counted);
    const answer = allOf(socket);
    socket.end(all);
    const hash = createHash('sha256').update(all).digest('hex');
    assert.equal(String(await answer), `${all.length} ${hash}`, 'what it says after our end');
    const other = await connectTo(first);
    assert.equal((await allOf(other)).length, 4 * 2 ** 20, 'what it says before its end');
    other.end('and we go on');
    await once(other, 'close');

    const datagrams = createSocket('udp4');
    datagrams.connect(udp, '127.0.0.1');
    await once(datagrams, 'connect');
    const said: string[] = [];
    datagrams.on('message', (data) => said.push(String(data)));
    for (const text of ['one', 'x'.repeat(1400)])
      // A datagram may be lost.
      await until(`a datagram of ${text.length} bytes is answered`, () => {
        if (!said.includes(`re ${text}`)) datagrams.send(text);
        return Promise.resolve(said.includes(`re ${text}`));
      });
    datagrams.close();

    const reset = await connectTo(closed);
    await new Promise((resolve) => reset.once('close', resolve));
    await until('why is said', () => Promise.resolve(errors().includes('nothing listens there')));

    const since = Date.now();
    let done = 0;
    const one = async (number: number): Promise<void> => {
      const each = await connectTo(counted);
      const said = allOf(each);
      each.end(`connection ${number}`);
      if (String(await said).startsWith(`${`connection ${number}`.length} `)) done += 1;
    };
    const numbers = Array.from({ length: CONNECTIONS }, (_, number) => number);
    const worker = async (): Promise<void> => {
      for (let next = numbers.pop(); next !== undefined; next = numbers.pop()) await one(next);
    };
    // Half of what a VM may have at a time.
    await Promise.all(Array.from({ length: 32 }, worker)).catch((error: unknown) => {
      throw new Error(`${String(error)}, after ${done} connections: ${errors()}`);
    });
    console.log(`      (${CONNECTIONS} connections in ${Math.round((Date.now() - since) / 1000)} s)`);
    assert.equal(done, CONNECTIONS);
    stopForwarding = undefined;
    assert.equal(await stop(), 0);
  });

  /** Of a command line of the plugin about the guest. */
  const ask = async (command: string, ...rest: readonly string[]) =>
    plugin([command, 'no-cloud', '-n', namespace, ...rest], '', 120);
  /** A guest on a busy machine may take longer than is waited for. */
  const report = async (command: string): Promise<Record<string, unknown>> => {
    const stdout = await until(
      `${command} answers`,
      async () => {
        const { code, stdout } = await ask(command);
        return code === 0 && stdout;
      },
      { namespace, seconds: 90 },
    );
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  it('says of itself who is logged in, what it is and what it has mounted', async () => {
    const info = await report('guestosinfo');
    assert.match(JSON.stringify(info['os']), /Debian/);
    assert.match(String(info['timezone']), /, 0$/);
    assert.match(JSON.stringify(info['supportedCommands']), /"guest-exec"/);
    assert.equal(info['fsFreezeStatus'], 'thawed');
    // Debian 13 keeps no list of logins any more; the agent reads it where there is one.
    const write = ['exec', 'no-cloud', '-n', namespace, '-i', '--', 'sh', '-c', 'cat > /run/utmp'];
    assert.equal((await plugin(write, LOGIN.toString('latin1'))).code, 0);
    const users = JSON.stringify({ items: [{ userName: 'root', loginTime: LOGIN_TIME }] });
    // What was asked for a moment ago is the answer for two seconds.
    await until('he is on the list', async () => JSON.stringify(await report('userlist')) === users, { namespace });
    const { stdout } = await ask('fslist', '-o', 'table');
    assert.match(stdout, /^MOUNTED ON +TYPE[^]*^\/ +ext4 +[\d.]+[GM]i /m);
  });

  it('runs a command of who may, and its end is the plugin’s', async () => {
    const failing = await ask('exec', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    assert.deepEqual([failing.code, failing.stdout, failing.stderr], [7, 'out\n', 'err\n']);
    const script = ['exec', 'no-cloud', '-n', namespace, '-i', '--', 'sh'];
    const given = await plugin(script, 'sleep 6; echo "root is $(id -u)"; kill -9 $$', 120);
    assert.deepEqual([given.code, given.stdout], [137, 'root is 0\n']);
    const much = await ask('exec', '--', 'head', '-c', '3000000', '/dev/zero');
    assert.equal(much.code, 1);
    assert.match(much.stderr, /have it write into a file/);
    assert.match((await ask('exec', '--', 'no-such-program')).stderr, /failed in the guest: .*no-such-program/);
    assert.equal((await ask('exec', '--', 'true')).code, 0, 'and it goes on');
    assert.match(
      await untilEvent(namespace, 'no-cloud', 'GuestExec'),
      /^User "[^"]+" runs "sh" in the guest, with 2 arg/,
    );
    const denied = await ask('exec', '--as=jane', '--', 'true');
    assert.match(denied.stderr, /"jane" cannot create resource "virtualmachineinstances\/guestexec"/);
  });

  it('stands still while it is frozen, and no longer than was said', async () => {
    const frozen = async (wanted: string | undefined) =>
      until(`fsFreezeStatus is ${wanted}`, async () => (await vmi('no-cloud'))?.status?.fsFreezeStatus === wanted, {
        namespace,
      });
    assert.equal((await ask('freeze', '--unfreeze-timeout', '2m')).code, 0);
    await frozen('frozen');
    assert.equal((await report('guestosinfo'))['fsFreezeStatus'], 'frozen');
    assert.match((await ask('exec', '--', 'true')).stderr, /unless its file systems are frozen/);
    assert.equal((await ask('unfreeze')).code, 0);
    await frozen(undefined);
    assert.equal((await ask('freeze', '--unfreeze-timeout', '3s')).code, 0);
    const thawed = async () =>
      (await list<Event>(namespace, 'event')).some(
        ({ reason, message }) => reason === 'Thawed' && message?.includes('the time of its freeze is over') === true,
      );
    await until('it thaws by itself', thawed, { namespace });
    await frozen(undefined);
    assert.equal((await ask('exec', '--', 'touch', '/root/after')).code, 0);
  });
});

/** More than a VM may have at a time: those that are too many wait their turn. bench:streams opens a thousand. */
const CONNECTIONS = 200;

/** In the guest. 7000: says what it got when all has come; 7001: says 4 MiB and hears the rest; UDP 7002: echoes. */
const SERVER = `
import hashlib, socket, socketserver, threading
class Count(socketserver.BaseRequestHandler):
    def handle(self):
        size, digest = 0, hashlib.sha256()
        while data := self.request.recv(65536):
            size += len(data)
            digest.update(data)
        self.request.sendall(f'{size} {digest.hexdigest()}'.encode())
class First(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(bytes(4 << 20))
        self.request.shutdown(socket.SHUT_WR)
        while self.request.recv(65536):
            pass
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(b're ' + self.request[0], self.client_address)
class Tcp(socketserver.ThreadingTCPServer):
    request_queue_size = 256
    daemon_threads = True
for server in Tcp(('', 7000), Count), Tcp(('', 7001), First), socketserver.UDPServer(('', 7002), Echo):
    threading.Thread(target=server.serve_forever).start()
`;
