/** What the end-to-end tests share: kubectl, our plugin, waiting, and a namespace that goes with its test. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The plugin as `npm run build` made it. */
export const PLUGIN = fileURLToPath(new URL('../../dist/kubectl-virt.cjs', import.meta.url));
/** The guest of scripts/guests/tiny.ts, as `npm run cluster -- up` loads it. */
export const TINY_GUEST = process.env.E2E_TINY_GUEST ?? 'kubectl-virt/guest-tiny:latest';
export const INSTALL_NAMESPACE = 'kubevirt';
/** Deadline of whatever needs a guest to boot by emulation on a busy machine. */
export const BOOT_SECONDS = 180;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, whatever that is. */
export const run = (command: string, args: readonly string[], input = ''): Promise<Result> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });

const succeed = async (command: string, args: readonly string[], input?: string): Promise<string> => {
  const { code, stdout, stderr } = await run(command, args, input);
  assert.equal(code, 0, `${path.basename(command)} ${args.join(' ')} failed: ${stderr}${stdout}`);
  return stdout;
};

export const kubectl = (args: readonly string[], input?: string): Promise<string> => succeed('kubectl', args, input);
/** `kubectl virt ARGS`. */
export const virt = (args: readonly string[]): Promise<string> => succeed(process.execPath, [PLUGIN, ...args]);
export const tryVirt = (args: readonly string[]): Promise<Result> => run(process.execPath, [PLUGIN, ...args]);
export const apply = (object: unknown): Promise<string> => kubectl(['apply', '-f', '-'], JSON.stringify(object));

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the cluster says; tests look into it freely.
export type Anything = any;

/** The object, or undefined when there is none. */
export const get = async (kind: string, name: string, namespace?: string): Promise<Anything> => {
  const where = namespace === undefined ? [] : ['--namespace', namespace];
  const text = await kubectl(['get', kind, name, ...where, '--ignore-not-found', '--output=json']);
  return text === '' ? undefined : JSON.parse(text);
};

export const list = async (kind: string, namespace: string): Promise<Anything[]> =>
  (JSON.parse(await kubectl(['get', kind, '--namespace', namespace, '--output=json'])) as { items: Anything[] }).items;

/** Asks again until `check` gives something else than undefined or false; at the end says what it saw last. */
export const eventually = async <T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  seconds = 60,
  explain: () => Promise<string> = () => Promise.resolve(''),
): Promise<T> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) assert.fail(`${what}: not within ${seconds} s\n${await explain()}`);
    await sleep(300);
  }
};

/** Events and pods of the namespace, and the logs of our programs: what one looks at when a test fails. */
export const diagnosis = async (namespace: string): Promise<string> => {
  const commands = [
    ['get', 'vm,vmi,pods', '--namespace', namespace, '--output=wide'],
    ['get', 'events', '--namespace', namespace, '--sort-by=.lastTimestamp'],
    ['get', 'vmi', '--namespace', namespace, '--output=jsonpath={.items[*].status}'],
    ...['virt-controller', 'virt-webhook', 'virt-agent'].map((name) => [
      ...['logs', '--namespace', INSTALL_NAMESPACE, '--selector', `kubevirt.io=${name}`, '--tail=15'],
    ]),
  ];
  const parts = await Promise.all(commands.map((args) => run('kubectl', args)));
  return parts.map(({ stdout, stderr }) => (stdout + stderr).slice(-4000)).join('\n');
};

/** A namespace of its own for the tests of this describe block; it goes, with all that is in it, at the end. */
export const useNamespace = (): { readonly name: string } => {
  const name = `e2e-${randomBytes(4).toString('hex')}`;
  before(async function () {
    this.timeout(60_000);
    await kubectl(['create', 'namespace', name]);
  });
  afterEach(async function () {
    this.timeout(60_000);
    if (this.currentTest?.state === 'failed') process.stdout.write(`${await diagnosis(name)}\n`);
  });
  after(async function () {
    this.timeout(180_000);
    await kubectl(['delete', 'namespace', name, '--wait=true', '--timeout=170s']);
  });
  return { name };
};

/** A VM with the tiny guest. */
export const tinyVm = (
  name: string,
  namespace: string,
  spec: Record<string, unknown> = { runStrategy: 'Manual' },
): Anything => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name, namespace },
  spec: {
    ...spec,
    template: {
      spec: {
        terminationGracePeriodSeconds: 20,
        domain: {
          memory: { guest: '128Mi' },
          devices: { disks: [{ name: 'root', disk: { bus: 'virtio' } }], rng: {} },
        },
        volumes: [{ name: 'root', containerDisk: { image: TINY_GUEST, imagePullPolicy: 'IfNotPresent' } }],
      },
    },
  },
});

/** A console attached through the plugin: what it said so far, and typing into it. */
export class Console {
  private readonly child;
  text = '';
  readonly ended: Promise<number>;

  constructor(name: string, namespace: string) {
    this.child = spawn(process.execPath, [PLUGIN, 'console', name, '--namespace', namespace], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    }
    this.child.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => this.child.on('close', (code) => resolve(code ?? 1)));
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Types the line again and again until the guest answers with `expected`: a guest that still boots loses input. */
  async ask(line: string, expected: RegExp, seconds = BOOT_SECONDS): Promise<void> {
    let next = 0;
    await eventually(
      `the guest's answer ${String(expected)}`,
      () => {
        if (Date.now() > next) {
          this.type(`${line}\n`);
          next = Date.now() + 3000;
        }
        return Promise.resolve(expected.test(this.text));
      },
      seconds,
      () => Promise.resolve(`the console said: ${this.text.slice(-2000)}`),
    );
  }

  /** Leaves with ^]. */
  async leave(): Promise<number> {
    this.type('\u001d');
    return await this.ended;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
