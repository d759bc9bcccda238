import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { withCondition } from '../../../src/api/vmi/condition.js';
import { COMMANDS } from '../../../cmd/kubectl-virt/commands/index.js';
import { renderError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { EventRecorder } from '../../../src/kube/events.js';
import { denied, allowed } from '../../../src/webhook/admission/answers.js';
import { finalStatus, withSyncProblem } from '../../../src/agent/vm/status.js';
import { hiddenIn, PAYLOAD } from '../../support/hidden-characters.js';
import {
  fakeApiServer,
  type Answer,
  type FakeApiServer,
  type Handlers,
} from '../../unit/kubectl-virt/fake-api-server.js';
import { fakeIo } from '../../unit/kubectl-virt/fake-io.js';

/* Every command against a server, files and programs that put what a terminal acts on into each text they give. */

/** Commands that make one request and print what the server says. */
const ACTIONS = ['start', 'stop', 'restart', 'pause', 'unpause', 'soft-reboot', 'reset'];
ACTIONS.push('freeze', 'unfreeze', 'evacuate-cancel');

/** Commands that show what a guest says. */
const REPORTS = ['guestosinfo', 'userlist', 'fslist'];

const MARK = 'owned';
/** In a text that is a payload, something to find it by. */
const HOSTILE = `${MARK}${PAYLOAD}`;
/** A file name has no NUL; half a surrogate pair cannot be stored. */
const FILE_PAYLOAD = HOSTILE.replaceAll(/[\0\ud800]/gu, '');

interface Seen {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

let directory: string;
before(() => (directory = mkdtempSync(path.join(tmpdir(), 'hostile-'))));
after(() => rmSync(directory, { recursive: true }));
const write = (name: string, text: string): string => {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};

/** Runs a command line as main.ts does, the trace of what nobody caught included. */
const run = async (args: readonly string[], options: Parameters<typeof fakeIo>[0] = {}): Promise<Seen> => {
  const io = fakeIo(options);
  let code: number | undefined;
  try {
    code = await main(args, io);
  } catch (error) {
    io.stderr.write(renderError(error));
    if (error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
  }
  return { code, out: io.out(), err: io.err() };
};

/** How often the hostile text was seen in what was printed: a test in which it never is tests nothing. */
let shown = 0;

/** Nothing that a terminal acts on was printed. */
const assertSafe = ({ out, err }: Seen, what: string): void => {
  assert.deepEqual(hiddenIn(out), [], `${what}: stdout ${JSON.stringify(out)}`);
  assert.deepEqual(hiddenIn(err), [], `${what}: stderr ${JSON.stringify(err)}`);
  if ((out + err).includes(MARK)) shown += 1;
};

let server: FakeApiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const serve = async (handlers: Handlers): Promise<string[]> => {
  server = await fakeApiServer(handlers);
  return server.flags;
};

/** As an HTTP header can carry it: bytes, of C0 only the tab. */
const WARNING = { Warning: `299 - "${MARK}\x80\x9b2J\xad"` };
const refusal = (code: number): Answer => ({
  code,
  headers: WARNING,
  body: { kind: 'Status', message: HOSTILE, reason: HOSTILE, code },
});
const VM = { metadata: { name: HOSTILE, labels: { [HOSTILE]: HOSTILE } }, status: { printableStatus: HOSTILE } };

describe('attack: text of others on the terminal of whoever uses the plugin', function () {
  this.timeout(300_000);
  beforeEach(() => (shown = 0));
  const assertSeen = (times: number): void => assert.ok(shown >= times, `hostile text was seen ${shown} times`);

  it('is tried with every command', () => {
    const tried = [...ACTIONS, 'console', 'vnc', 'pending', 'preflight', 'lint', 'explain', 'explain-admission'];
    tried.push('render', 'run', 'top', 'version', 'completion', 'options', 'help');
    tried.push('expand', 'create instancetype', 'create preference', 'create vm');
    tried.push('ui');
    tried.push(...REPORTS, 'exec', 'screenshot', 'vnc screenshot');
    tried.push('expose', 'permitted-devices', 'list', 'logs', 'doctor');
    tried.push('port-forward', 'ssh', 'scp');
    tried.push(...['add-ssh-key', 'remove-ssh-key', 'set-password'].map((word) => `credentials ${word}`));
    // policy-terminal.test.ts
    tried.push(...['exceptions', 'explain', 'lint', 'pause', 'resume', 'test'].map((word) => `policy ${word}`));
    assert.deepEqual(COMMANDS.map(({ name }) => name).toSorted(), tried.toSorted(), 'a new command belongs here');
  });

  for (const command of ACTIONS) {
    it(`${command}: what the server says, refusing and accepting`, async () => {
      for (const code of [400, 403, 404, 409, 500]) {
        const flags = await serve({ answer: () => refusal(code) });
        assertSafe(await run([command, 'web', ...flags]), `${code}`);
        await server?.close();
      }
      const flags = await serve({ answer: () => ({ code: 500, body: HOSTILE }) });
      assertSafe(await run([command, 'web', ...flags]), 'no Status');
      await server?.close();
      const accepting = await serve({ answer: () => ({ code: 202, body: VM, headers: WARNING }) });
      assertSafe(await run([command, 'web', ...accepting]), 'warning header');
      const json = await run([command, 'web', '-o', 'json', ...accepting]);
      assertSafe(json, 'json');
      assert.deepEqual(JSON.parse(json.out), JSON.parse(JSON.stringify(VM)), 'JSON says the same');
      const yaml = await run([command, 'web', '-o', 'yaml', ...accepting]);
      assertSafe(yaml, 'yaml');
      assert.deepEqual(parse(yaml.out), JSON.parse(JSON.stringify(VM)), 'YAML says the same');
      assertSafe(await run([command, 'web', '-v=6', '--as', HOSTILE, ...accepting]), '-v=6');
      assertSeen(9);
    });
  }

  it('expand: what the server makes of a VM, and why not; create: what is asked for', async () => {
    for (const answer of [{ code: 200, body: VM, headers: WARNING }, refusal(400), { code: 500, body: HOSTILE }]) {
      const flags = await serve({ answer: () => answer });
      assertSafe(await run(['expand', '--vm', 'web', ...flags]), `${answer.code}`);
      assertSafe(await run(['expand', '--vm', 'web', '-o', 'json', ...flags]), `${answer.code} json`);
      await server?.close();
    }
    for (const role of ['instancetype', 'preference']) {
      assertSafe(await run(['create', role, '--name', HOSTILE, '--cpu', '1', '--memory', '1Gi']), role);
      assertSafe(
        await run(['create', role, '--name', 'a', '--machine-type', HOSTILE, '--volume-storage-class', HOSTILE]),
        role,
      );
    }
    assertSafe(await run(['create', 'instancetype', '--name', 'a', '--cpu', '1', '--memory', HOSTILE]), 'memory');
    const flags = [
      'name',
      'memory',
      'instancetype',
      'preference',
      'infer-preference-from',
      'volume-pvc',
      'access-cred',
    ];
    flags.push('volume-import', 'volume-sysprep', 'cloud-init-user-data', 'password-file', 'user', 'ssh-key');
    for (const flag of flags) assertSafe(await run(['create', 'vm', `--${flag}`, HOSTILE]), flag);
    for (const text of [`src:${HOSTILE}`, `${HOSTILE}:a`, `src:a,name:${HOSTILE}`, `src:a,bootorder:${HOSTILE}`]) {
      assertSafe(await run(['create', 'vm', '--volume-containerdisk', text]), text);
      assertSafe(await run(['create', 'vm', '--volume-import', `type:pvc,${text}`]), text);
    }
    assertSafe(await run(['expand', '-f', FILE_PAYLOAD]), 'no such file');
    assertSeen(16);
  });

  it('expose and permitted-devices: what the object, the settings and the refusal say', async () => {
    const ports = [{ port: 80, protocol: HOSTILE, name: HOSTILE }];
    const domain = { devices: { interfaces: [{ name: 'a', masquerade: {}, ports }] } };
    const spec = { domain, networks: [{ name: 'a', pod: {} }] };
    const object = { metadata: { name: HOSTILE, uid: HOSTILE }, spec: { selector: {}, template: { spec } } };
    const device = { resourceName: HOSTILE, pciVendorSelector: HOSTILE, mdevNameSelector: HOSTILE };
    const permittedHostDevices = { pciHostDevices: [device], mediatedDevices: [device], usb: [device] };
    const settings = { items: [{ spec: { configuration: { permittedHostDevices } } }] };
    for (const made of [{ code: 201, body: object, headers: WARNING }, refusal(403), refusal(409)]) {
      const answer = ({ method, path: at }: { method: string; path: string }): Answer =>
        method === 'POST' ? made : { code: 200, body: at.includes('kubevirts') ? settings : object };
      const flags = await serve({ answer });
      for (const output of [[], ['-o', 'json'], ['-o', 'yaml']]) {
        assertSafe(await run(['expose', 'vm/web', '--name=s', ...output, ...flags]), output.join(' '));
        assertSafe(await run(['permitted-devices', ...output, ...flags]), output.join(' '));
      }
      await server?.close();
    }
    for (const flag of ['name', 'target-port', 'ip-family', 'output'])
      assertSafe(await run(['expose', 'web', '--name=s', '--port=1', `--${flag}`, HOSTILE]), flag);
    assertSafe(await run(['expose', HOSTILE, HOSTILE, '--name=s', '--port=1']), 'target');
    assertSeen(14);
  });

  it('list: what VMs, their instances, their ends and a refusal say', async () => {
    const conditions = [{ type: 'Synchronized', status: 'False', message: HOSTILE }];
    const lastTermination = { reason: HOSTILE, message: HOSTILE, time: HOSTILE };
    const metadata = { name: HOSTILE, namespace: HOSTILE, uid: 'u', creationTimestamp: HOSTILE };
    const vm = { metadata, status: { printableStatus: HOSTILE, conditions, lastTermination } };
    const cards = [{ ipAddress: HOSTILE, ipAddresses: [HOSTILE] }];
    const vmi = { metadata, status: { phase: HOSTILE, nodeName: HOSTILE, interfaces: cards, conditions } };
    for (const answered of [undefined, refusal(403), refusal(500)]) {
      const answer = ({ path: at }: { path: string }): Answer =>
        answered ?? { code: 200, body: { items: [at.includes('instances') ? vmi : vm] }, headers: WARNING };
      const flags = await serve({ answer });
      for (const output of [
        [],
        ['-o', 'wide'],
        ['-o', 'json'],
        ['-o', 'yaml'],
        ['-o', 'name'],
        ['-A'],
        ['-o', HOSTILE],
      ])
        assertSafe(await run(['list', ...output, ...flags]), output.join(' '));
      await server?.close();
    }
    assertSeen(18);
  });

  it('logs: what the guest says, the names of pods, and refusals', async () => {
    const domain = { devices: { logSerialConsole: true } };
    const vmi = { metadata: { name: 'web', uid: 'u' }, spec: { domain }, status: { phase: 'Running' } };
    const status = { printableStatus: HOSTILE, conditions: [{ type: 'Failure', status: 'True', message: HOSTILE }] };
    const containerStatuses = [{ name: 'guest-console-log', state: { running: {} } }];
    const pod = {
      metadata: { name: HOSTILE, uid: HOSTILE, ownerReferences: [{ name: 'web', uid: 'u' }] },
      spec: { containers: [{ name: 'guest-console-log' }] },
      status: { containerStatuses },
    };
    for (const log of [{ code: 200, body: HOSTILE.repeat(100), headers: WARNING }, refusal(403), refusal(500)])
      for (const isOff of [false, true]) {
        const answer = ({ path: at }: { path: string }): Answer => {
          if (at.includes('/log?')) return log;
          if (at.includes('/pods')) return { code: 200, body: { items: [pod] } };
          if (at.includes('/virtualmachines/')) return { code: 200, body: { spec: { template: {} }, status } };
          return isOff ? refusal(404) : { code: 200, body: vmi };
        };
        const flags = await serve({ answer });
        for (const args of [[], ['--tail=1'], ['-p'], ['--since', HOSTILE]])
          assertSafe(
            await run(['logs', 'web', ...args, ...flags], { columns: 80, env: { NO_COLOR: '1' } }),
            args.join(' '),
          );
        await server?.close();
      }
    assertSeen(15);
  });

  it('doctor: whatever of the cluster, a VM, its events and a refusal says', async () => {
    const condition = { status: 'False', reason: HOSTILE, message: HOSTILE };
    const conditions = [
      { type: 'Synchronized', ...condition },
      { type: 'Available', ...condition },
    ];
    const metadata = { name: HOSTILE, uid: 'u', labels: { [HOSTILE]: HOSTILE }, annotations: { [HOSTILE]: HOSTILE } };
    const last = { reason: HOSTILE, message: HOSTILE, time: HOSTILE };
    const state = { waiting: { reason: HOSTILE, message: HOSTILE } };
    const body = {
      metadata: { ...metadata, ownerReferences: [{ uid: 'u' }] },
      spec: { service: { name: HOSTILE, namespace: HOSTILE }, configuration: { vmStateStorageClass: HOSTILE } },
      status: { conditions, phase: HOSTILE, printableStatus: HOSTILE, lastTermination: last, nodeName: HOSTILE },
      gitVersion: HOSTILE,
      minor: '31',
      webhooks: [{ clientConfig: { caBundle: HOSTILE } }],
      resources: [{ name: HOSTILE }],
    };
    const event = {
      reason: HOSTILE,
      message: HOSTILE,
      lastTimestamp: HOSTILE,
      involvedObject: { kind: HOSTILE, name: 'web' },
    };
    const pod = {
      ...body,
      status: { conditions: [{ type: 'PodScheduled', ...condition }], containerStatuses: [{ name: HOSTILE, state }] },
    };
    for (const kept of ['', 'Synchronized', 'PodScheduled']) {
      const answer = ({ path: at }: { path: string }): Answer => {
        if (at.includes('/events')) return { code: 200, body: { items: [event] } };
        if (at.includes('/pods')) return { code: 200, body: { items: [pod] } };
        const mine = {
          ...body,
          status: { ...body.status, conditions: kept === '' ? [] : [{ type: kept, ...condition }] },
        };
        return { code: 200, headers: WARNING, body: { ...mine, items: [mine] } };
      };
      const flags = await serve({ answer });
      for (const args of [[], ['web'], ['web', '-o', 'json'], ['web', '-o', 'yaml'], ['-o', HOSTILE], [HOSTILE]])
        assertSafe(await run(['doctor', ...args, ...flags]), `${kept} ${args.join(' ')}`);
      await server?.close();
    }
    for (const code of [403, 404, 500]) {
      const flags = await serve({ answer: () => refusal(code) });
      for (const args of [[], ['web'], ['--bundle', `/nonexistent/${FILE_PAYLOAD}`]])
        assertSafe(await run(['doctor', ...args, ...flags]), `${code}`);
      await server?.close();
    }
    assertSeen(20);
  });

  it('guestosinfo, userlist, fslist: whatever a guest says, in each form, and every refusal', async () => {
    const item = { userName: HOSTILE, domain: HOSTILE, loginTime: HOSTILE, mountPoint: HOSTILE, diskName: HOSTILE };
    const items = [{ ...item, fileSystemType: HOSTILE, totalBytes: HOSTILE, disk: [{ busType: HOSTILE }] }];
    const info = { hostname: HOSTILE, os: { prettyName: HOSTILE, kernelRelease: HOSTILE }, timezone: HOSTILE };
    const supportedCommands = [{ name: HOSTILE, enabled: false }];
    const all = { items, ...info, supportedCommands, guestAgentVersion: HOSTILE, fsFreezeStatus: HOSTILE };
    for (const answer of [{ code: 200, body: all }, { code: 200, body: HOSTILE }, refusal(409), refusal(403)]) {
      const flags = await serve({ answer: () => answer });
      for (const command of REPORTS)
        for (const output of ['json', 'yaml', 'table'])
          assertSafe(await run([command, 'web', '-o', output, ...flags]), `${command} ${output}`);
      await server?.close();
    }
    assertSeen(25);
  });

  it('screenshot: every refusal, what is no picture, and a file that cannot be written', async () => {
    const png = '\x89PNG\r\n\x1a\n';
    for (const answer of [
      refusal(400),
      refusal(403),
      refusal(500),
      { code: 200, body: HOSTILE },
      { code: 200, body: png },
    ]) {
      const flags = await serve({ answer: () => answer });
      for (const command of [['screenshot'], ['vnc', 'screenshot']])
        assertSafe(await run([...command, 'web', '-f', `/nonexistent/${FILE_PAYLOAD}`, ...flags]), `${answer.code}`);
      await server?.close();
    }
    assertSeen(6);
  });

  it('exec: what a command writes, on a terminal and on stderr, and every refusal', async () => {
    const written = Buffer.from(HOSTILE).toString('base64');
    const body = { id: HOSTILE, exited: true, exitCode: 0, stdout: written, stderr: written, truncated: true };
    for (const answer of [{ code: 200, body }, { code: 200, body: HOSTILE }, refusal(409), refusal(403)]) {
      const flags = await serve({ answer: () => answer });
      assertSafe(
        await run(['exec', 'web', ...flags, '--', HOSTILE], { columns: 80, env: { NO_COLOR: '1' } }),
        `${answer.code}`,
      );
      await server?.close();
    }
    const flags = await serve({ answer: () => ({ code: 200, body: { id: HOSTILE, exited: false } }) });
    assertSafe(await run(['exec', 'web', '--timeout=1ms', ...flags, '--', HOSTILE]), 'never ends');
    assertSeen(4);
  });

  it('top: names, nodes, figures and refusals of VMs and nodes', async () => {
    const owned = { metadata: { name: HOSTILE, namespace: HOSTILE, labels: { [HOSTILE]: HOSTILE } } };
    const web = { metadata: { name: 'web', namespace: 'default' }, spec: { domain: { devices: {} } } };
    const running = { phase: 'Running', nodeName: HOSTILE };
    const node = {
      metadata: {
        name: HOSTILE,
        labels: { 'kubevirt.io/schedulable': HOSTILE },
        annotations: { 'kubevirt.io/node-density': JSON.stringify({ warnings: [HOSTILE], swapBytes: HOSTILE }) },
      },
      status: { capacity: { cpu: HOSTILE, memory: HOSTILE } },
    };
    const vmis = [
      { ...web, ...owned, status: running },
      { ...web, status: running },
    ];
    const said = { cpu: { cores: HOSTILE, vcpus: HOSTILE }, memory: { resident: HOSTILE }, [HOSTILE]: HOSTILE };
    for (const usage of [{ code: 200, body: said }, { code: 200, body: HOSTILE }, refusal(403), refusal(500)]) {
      const flags = await serve({
        answer: ({ path: at }) => {
          if (at.endsWith('/usage')) return usage;
          if (at.includes('/nodes')) return { code: 200, body: { items: [node] } };
          const one = at.endsWith('instances/web') || at.endsWith('machines/off');
          return { code: 200, body: one ? { ...web, status: { printableStatus: HOSTILE } } : { items: vmis } };
        },
      });
      for (const args of [[], ['-A'], ['vm', 'web'], ['vm', 'off'], ['node'], ['node', HOSTILE], [HOSTILE]])
        assertSafe(await run(['top', ...args, ...flags]), args.join(' '));
      await server?.close();
    }
    assertSeen(12);
  });

  it('pending: what a VM, its VMI and the settings hold, readable or not', async () => {
    const metadata = { name: 'web', uid: 'u', annotations: { [HOSTILE]: HOSTILE } };
    const owner = { kind: 'VirtualMachine', controller: true, uid: 'u', name: 'web' };
    const spec = (value: unknown) => ({ hostname: value, nodeSelector: { [HOSTILE]: value }, domain: { devices: {} } });
    const bodies: ((path: string) => unknown)[] = [
      () => ({ metadata, spec: { template: { spec: spec(HOSTILE) } } }),
      () => ({ metadata, spec: { template: { spec: { domain: HOSTILE, [HOSTILE]: HOSTILE } } } }),
      () => HOSTILE,
    ];
    for (const body of bodies) {
      for (const output of [[], ['-o', 'json'], ['-o', 'yaml']]) {
        const answer = ({ path: at }: { path: string }): Answer => {
          if (at.includes('instances'))
            return {
              code: 200,
              body: { metadata: { ...metadata, ownerReferences: [owner] }, spec: spec(`${HOSTILE}2`) },
            };
          return at.includes('kubevirts') ? refusal(403) : { code: 200, body: body(at) };
        };
        const flags = await serve({ answer });
        assertSafe(await run(['pending', 'web', ...output, ...flags]), output.join(' '));
        await server?.close();
      }
    }
    const flags = await serve({ answer: () => refusal(500) });
    assertSafe(await run(['pending', 'web', ...flags]), 'refusal');
    assertSeen(4);
  });

  it('preflight: what the operator and its service are called', async () => {
    const items = [{ metadata: { name: HOSTILE, namespace: HOSTILE } }];
    const spec = { service: { name: HOSTILE, namespace: HOSTILE } };
    const flags = await serve({ answer: () => ({ code: 200, body: { major: '1', minor: '30', items, spec } }) });
    assertSafe(await run(['preflight', ...flags]), 'found');
    await server?.close();
    const refusing = await serve({ answer: () => refusal(403) });
    assertSafe(await run(['preflight', ...refusing]), 'refusal');
    assertSeen(2);
  });

  it('console: a refusal, a state that is waited for, the reason of the end', async () => {
    for (const code of [400, 404, 409, 500]) {
      const flags = await serve({ upgrade: () => refusal(code), answer: () => ({ code: 200, body: VM }) });
      assertSafe(await run(['console', 'web', '--timeout=0', ...flags]), `${code}`);
      await server?.close();
    }
    let attempts = 0;
    for (const tty of [false, true]) {
      attempts = 0;
      const flags = await serve({
        upgrade: () => ((attempts += 1) < 2 ? refusal(409) : (socket) => socket.close(4002, FILE_PAYLOAD.slice(0, 60))),
      });
      const seen = await run(['console', 'web', ...flags], { tty });
      assertSafe(seen, 'waiting');
      await server?.close();
    }
    for (const close of [1001, 4001, 4003, 4999]) {
      const flags = await serve({ upgrade: () => (socket) => socket.close(close, FILE_PAYLOAD.slice(0, 60)) });
      assertSafe(await run(['console', 'web', ...flags]), `close ${close}`);
      await server?.close();
    }
    assertSeen(9);
  });

  it('vnc: a refusal, with a viewer and without, and the reason of the end', async () => {
    const viewer = ['--vnc-type=tiger', '--vnc-path=/bin/true'];
    for (const code of [400, 404, 409, 500]) {
      const flags = await serve({ upgrade: () => refusal(code) });
      assertSafe(await run(['vnc', 'web', ...viewer, ...flags]), `${code}`);
      await server?.close();
    }
    assertSeen(4);
  });

  it('port-forward: a refusal, before and after somebody listens, and the reason of the end', async () => {
    for (const code of [400, 403, 404, 429, 500]) {
      const flags = await serve({ upgrade: () => refusal(code), answer: () => refusal(404) });
      assertSafe(await run(['port-forward', 'web', '80', ...flags]), `${code}`);
      assertSafe(await run(['port-forward', '--stdio', 'web', '80', ...flags], { stdin: '' }), `${code} stdio`);
      await server?.close();
    }
    for (const close of [1001, 1011, 4002, 4999]) {
      const flags = await serve({ upgrade: () => (socket) => socket.close(close, FILE_PAYLOAD.slice(0, 60)) });
      assertSafe(await run(['port-forward', '--stdio', 'web', '80', ...flags]), `close ${close}`);
      await server?.close();
    }
    assertSafe(await run(['port-forward', 'web', HOSTILE]), 'port');
    assertSeen(13);
  });

  it('credentials: names of Secrets and users, what is asked for, and refusals', async () => {
    const secret = { secret: { secretName: HOSTILE } };
    const method = { qemuGuestAgent: { users: ['root'] } };
    const accessCredentials = [
      { sshPublicKey: { source: secret, propagationMethod: method } },
      { userPassword: { source: secret, propagationMethod: { qemuGuestAgent: {} } } },
    ];
    const vm = { metadata: { name: HOSTILE, uid: 'x' }, spec: { template: { spec: { accessCredentials } } } };
    const key = ['--value', `ssh-ed25519 ${'A'.repeat(40)} ${MARK}`];
    const lines = [
      ['add-ssh-key', 'web', '-u', 'root', ...key],
      ['remove-ssh-key', 'web', '-u', 'root', ...key],
      ['add-ssh-key', 'web', '-u', HOSTILE, ...key],
      ['add-ssh-key', 'web', '-u', 'root', '-f', FILE_PAYLOAD],
      ['set-password', 'web', '-u', 'root', '-p', 'x'],
      ['set-password', 'web', '-u', HOSTILE, '-p', 'x', '--create-secret'],
    ];
    for (const owner of ['x', 'y'])
      for (const line of lines) {
        const body = { ...vm, metadata: { ...vm.metadata, ownerReferences: [{ uid: owner }] } };
        const flags = await serve({ answer: () => ({ code: 200, body, headers: WARNING }) });
        assertSafe(await run(['credentials', ...line, ...flags]), `${owner} ${line.join(' ')}`);
        await server?.close();
      }
    const flags = await serve({ answer: () => refusal(403) });
    for (const line of lines) assertSafe(await run(['credentials', ...line, ...flags]), line.join(' '));
    assertSeen(14);
  });

  it('ssh, scp: what is refused of what is asked for; the rest is on the terminal of ssh', async () => {
    for (const words of [
      ['ssh', HOSTILE],
      ['ssh', `${HOSTILE}@web`],
      ['scp', `${HOSTILE}:x`, 'y'],
      ['scp', HOSTILE, 'x'],
    ])
      assertSafe(await run(words), words.join(' '));
    assertSafe(await run(['ssh', 'web', '-p', HOSTILE]), 'port');
    assertSeen(4);
  });

  it('ui: a server that refuses the list, and what it warns of', async () => {
    for (const code of [400, 401, 500]) {
      const flags = await serve({ answer: () => refusal(code) });
      assertSafe(await run(['ui', '--no-browser', ...flags]), `${code}`);
      await server?.close();
    }
    assertSeen(3);
  });

  it("console: only the guest's own bytes go through as they are", async () => {
    const flags = await serve({
      upgrade: () => (socket) => {
        socket.send(Buffer.from(`\x1b[1mlogin:`));
        socket.close(1000);
      },
    });
    const seen = await run(['console', 'web', ...flags]);
    assert.equal(seen.out, '\x1b[1mlogin:');
    assert.deepEqual(hiddenIn(seen.err), []);
  });

  it('version: what the server says of itself', async () => {
    const body = { gitVersion: HOSTILE, gitCommit: HOSTILE, buildDate: HOSTILE, platform: HOSTILE };
    for (const output of [[], ['-o', 'json'], ['-o', 'yaml']]) {
      const flags = await serve({ answer: () => ({ code: 200, body }) });
      assertSafe(await run(['version', ...output, ...flags]), output.join(' '));
      await server?.close();
    }
    assertSeen(3);
  });

  const NAMES = [
    HOSTILE,
    `${MARK}\nweb`,
    `${MARK}\tweb`,
    `$(${MARK})`,
    `\`${MARK}\``,
    `${MARK};id`,
    17,
    null,
    `${MARK}-fine`,
  ];
  it('completion: a name that is not one is no candidate', async () => {
    const items = NAMES.map((name) => ({ metadata: { name } }));
    const flags = await serve({ answer: () => ({ code: 200, body: { items } }) });
    for (const words of [
      ['start', ''],
      ['console', ''],
      ['start', '-n', ''],
    ]) {
      const seen = await run(['__complete', ...flags, ...words]);
      assert.equal(seen.out, `${MARK}-fine\n:4\n`, words.join(' '));
      assert.equal(seen.err, '');
    }
    const contexts = NAMES.map((name) => ({ name, context: {} }));
    const kubeconfig = write('completed', JSON.stringify({ contexts }));
    const seen = await run(['__complete', '--kubeconfig', kubeconfig, '--context', '']);
    assert.equal(seen.out, `${MARK}-fine\n:4\n`);
  });

  it('words of the command line itself, which a script may have from others', async () => {
    for (const args of [
      [HOSTILE],
      ['start', HOSTILE],
      ['start', 'web', `--${HOSTILE}`],
      ['start', 'web', HOSTILE],
      ['start', `vm/${HOSTILE}/x`],
      ['start', `${HOSTILE}/web`],
      ['start', 'web', '--dry-run', HOSTILE],
      ['start', 'web', '-o', HOSTILE],
      ['start', 'web', '--server', HOSTILE],
      ['start', 'web', '--kubeconfig', FILE_PAYLOAD],
      ['console', 'web', '--escape', HOSTILE],
      ['console', 'web', '--timeout', HOSTILE],
      ['explain', HOSTILE],
      ['completion', HOSTILE],
      ['options', HOSTILE],
      ['help', HOSTILE],
      ['render', '-f', FILE_PAYLOAD],
      ['render', '-o', HOSTILE, '-f', 'x'],
      ['lint', '-f', FILE_PAYLOAD],
      ['lint', '-o', HOSTILE, '-f', 'x'],
      ['run', '-f', 'x', '--volume', HOSTILE],
      ['run', '-f', 'x', '--prompt', `(${HOSTILE}`],
    ]) {
      assertSafe(await run(args), JSON.stringify(args));
    }
    assertSeen(15);
  });

  it('kubeconfig: names, addresses, hints and files in it', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: path.join(directory, MARK) };
    const config = (user: object, server = 'http://127.0.0.1:1') => ({
      clusters: [{ name: HOSTILE, cluster: { server } }],
      contexts: [{ name: HOSTILE, context: { cluster: HOSTILE, user: HOSTILE } }],
      users: [{ name: HOSTILE, user }],
      'current-context': HOSTILE,
    });
    const files = {
      unreachable: config({}),
      'bad-server': config({}, HOSTILE),
      'no-key': config({ 'client-certificate-data': 'QQ==' }),
      'no-token-file': config({ tokenFile: `/nonexistent/${FILE_PAYLOAD}` }),
      provider: config({ 'auth-provider': { name: HOSTILE } }),
      'not-installed': config({ exec: { ...exec, installHint: HOSTILE } }),
      'no-version': config({ exec: { ...exec, apiVersion: HOSTILE } }),
      'no-cluster': { ...config({}), clusters: [] },
      'no-context': { ...config({}), contexts: [] },
    };
    for (const [name, content] of Object.entries(files)) {
      for (const text of [JSON.stringify(content), stringify(content)]) {
        const kubeconfig = write(`kubeconfigs/${name}-${MARK}`, text);
        assertSafe(await run(['start', 'web', '--kubeconfig', kubeconfig]), name);
      }
    }
    assertSafe(await run(['start', 'web', '--kubeconfig', write(`${MARK}-no-yaml`, `{${HOSTILE}: [`)]), 'no YAML');
    assertSeen(12);
  });

  it('credential plugins: what they print and complain about', async () => {
    const program = (text: string, code: number): string => {
      const file = write(
        'plugin',
        `#!/bin/sh\nprintf '%s' '${text}'\nprintf '%s\\n' '${FILE_PAYLOAD}' >&2\nexit ${code}\n`,
      );
      chmodSync(file, 0o755);
      return file;
    };
    const answers = [
      ['', 1],
      ['no json', 0],
      [JSON.stringify({ apiVersion: HOSTILE }), 0],
    ] as const;
    for (const [text, code] of answers) {
      const command = program(text, code);
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, args: [FILE_PAYLOAD] };
      const kubeconfig = write(
        'exec',
        JSON.stringify({
          clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
          contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
          users: [{ name: 'u', user: { exec } }],
          'current-context': 'x',
        }),
      );
      const seen = await run(['start', 'web', '--kubeconfig', kubeconfig]);
      assertSafe(seen, text);
    }
    assertSeen(3);
  });

  /** Hostile in every place that a manifest has: keys, kinds, versions, names, values of every type. */
  const spec = (more: object = {}): object => ({
    domain: {
      devices: { disks: [{ name: HOSTILE, disk: { bus: HOSTILE } }] },
      [HOSTILE]: HOSTILE,
      cpu: { model: HOSTILE },
    },
    volumes: [{ name: HOSTILE, containerDisk: { image: HOSTILE } }],
    nodeSelector: { [HOSTILE]: HOSTILE },
    ...more,
  });
  const metadata = {
    name: HOSTILE,
    namespace: HOSTILE,
    labels: { [HOSTILE]: HOSTILE },
    annotations: { [HOSTILE]: HOSTILE },
  };
  const MANIFESTS: Readonly<Record<string, unknown>> = {
    vmi: { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', metadata, spec: spec() },
    vm: {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata,
      spec: { running: HOSTILE, template: { spec: spec() } },
    },
    kubevirt: {
      apiVersion: 'kubevirt.io/v1',
      kind: 'KubeVirt',
      metadata,
      spec: { configuration: { cpuModel: HOSTILE, [HOSTILE]: 1 } },
    },
    kind: { apiVersion: 'kubevirt.io/v1', kind: HOSTILE, metadata },
    version: { apiVersion: `kubevirt.io/${HOSTILE}`, kind: 'VirtualMachine', metadata },
    other: { apiVersion: HOSTILE, kind: HOSTILE, metadata },
    scalar: HOSTILE,
    // Admitted, so that it is rendered.
    good: {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: { name: 'good', annotations: { note: HOSTILE } },
      spec: {
        domain: {
          devices: { disks: [{ name: 'root', disk: {} }] },
          resources: { requests: { memory: '64Mi' } },
        },
        volumes: [{ name: 'root', containerDisk: { image: 'registry.example/disk:v1' } }],
      },
    },
  };

  for (const [name, manifest] of Object.entries(MANIFESTS)) {
    it(`lint, explain-admission, render, run: manifest "${name}" in files of hostile names`, async function () {
      // 30 runs of the whole admission; seconds, on a busy machine more.
      this.timeout(300_000);
      const raw = stringify(manifest).replaceAll(/\\e/g, '\x1b');
      for (const [kind, text] of Object.entries({
        json: JSON.stringify(manifest),
        yaml: stringify(manifest),
        broken: `${raw}\n${HOSTILE}: [`,
      })) {
        const file = write(`${name}-${FILE_PAYLOAD}-${kind}.yaml`, text);
        for (const args of [
          ...['text', 'json', 'yaml'].flatMap((output) => [
            ['lint', '-o', output],
            ['explain-admission', '-o', output],
          ]),
          ...['mutated', 'pod', 'domain'].map((output) => ['render', '-o', output]),
          ['run'],
          ['lint', '--config', file],
        ]) {
          const seen = await run([...args, '-f', file]);
          assertSafe(seen, `${args.join(' ')} ${kind}`);
        }
      }
      assertSeen(20);
    });
  }

  it('lint: no line of the output is made by a manifest or a file name', async () => {
    const forged = 'vm.yaml:1:1: error: all is well [fine]';
    const file = write(`a\n${forged}\n.yaml`, JSON.stringify({ apiVersion: 'kubevirt.io/v1', kind: `x\n${forged}\n` }));
    const { out } = await run(['lint', '-f', file]);
    assert.deepEqual(
      out.split('\n').filter((line) => line.startsWith(forged)),
      [],
    );
  });

  it('render: YAML says the same as the manifest', async () => {
    const { out } = await run(['render', '-f', write('faithful.yaml', JSON.stringify(MANIFESTS['good']))]);
    assert.equal((parse(out) as { metadata: { annotations: { note: string } } }).metadata.annotations.note, HOSTILE);
  });
});

describe('attack: text of others in what we store and kubectl prints', () => {
  it('events', async () => {
    const messages: string[] = [];
    const create = (_path: string, object: unknown): Promise<never> => {
      messages.push((object as { message: string }).message);
      return Promise.reject(new Error('enough'));
    };
    const recorder = new EventRecorder({ create, patch: create }, { component: 'test' });
    recorder.event({ metadata: { name: 'web', uid: 'u' } }, 'Warning', 'SyncFailed', HOSTILE);
    await recorder.flush();
    assert.equal(messages.length, 1);
    assert.deepEqual(messages.flatMap(hiddenIn), []);
  });

  it('conditions and reasons of controller and agent', () => {
    const stored = [
      withCondition([], { type: 'Synchronized', status: 'False', message: HOSTILE }, 'now'),
      withSyncProblem({}, HOSTILE, 'now'),
      finalStatus({}, { phase: 'Failed', message: HOSTILE }, 'now'),
    ];
    for (const each of stored) {
      const texts: string[] = [];
      JSON.stringify(each, (_key, value: unknown) => {
        if (typeof value === 'string') texts.push(value);
        return value;
      });
      assert.ok(texts.some((text) => text.includes(MARK)));
      assert.deepEqual(texts.flatMap(hiddenIn), []);
    }
  });

  it("admission's refusals and warnings", () => {
    const { status } = denied('u', [
      { type: 'FieldValueInvalid', field: `spec[${HOSTILE}]`, message: `is ${HOSTILE}` },
    ]).response;
    const texts = [
      status?.message ?? '',
      ...(status?.details?.causes ?? []).flatMap(({ message, field }) => [message, field]),
    ];
    texts.push(...(allowed('u', [HOSTILE]).response.warnings ?? []));
    assert.equal(texts.length, 4);
    for (const text of texts) assert.ok(text.includes(MARK));
    assert.deepEqual(texts.flatMap(hiddenIn), []);
  });
});
