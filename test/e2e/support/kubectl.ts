import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a command ended and what it said. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; a code other than 0 is an outcome, not an error. */
export const run = async (command: string, args: readonly string[], input = '', seconds = 60): Promise<Outcome> => {
  const child = spawn(command, args, { stdio: 'pipe' });
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code: code ?? -1, stdout, stderr };
};

/**
 * Longer than any --timeout that a test gives kubectl itself: its own word about what it waited for is the better one.
 */
const KUBECTL_SECONDS = 200;

/** kubectl, which must succeed. */
export const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
  const { code, stdout, stderr } = await run('kubectl', args, input, KUBECTL_SECONDS);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
};

/** The plugin as users run it, from its bundle. */
export const plugin = (args: readonly string[], input?: string, seconds?: number): Promise<Outcome> =>
  run(process.execPath, ['bin/kubectl-virt', ...args], input, seconds);

/** What the API server says to an object that it must refuse. */
export const refusal = async (object: object): Promise<string> => {
  const { code, stdout, stderr } = await run('kubectl', ['create', '-f', '-'], JSON.stringify(object));
  if (code === 0) throw new Error(`was admitted: ${stdout}`);
  return stderr;
};

/** What helps whoever reads a failed test: the objects, their events, the programs' last words. */
export const diagnose = async (namespace: string): Promise<string> => {
  const commands = [
    ['-n', namespace, 'get', 'vm,vmi,pods', '-o', 'wide'],
    ['-n', namespace, 'get', 'events', '--sort-by=.lastTimestamp'],
    ['-n', 'kubevirt', 'get', 'pods', '-o', 'wide'],
    ...['virt-agent', 'virt-controller', 'virt-webhook'].map((app) => [
      ...['-n', 'kubevirt', 'logs', '-l', `kubevirt.io=${app}`, '--tail=15', '--all-containers'],
    ]),
  ];
  const parts: string[] = [];
  for (const args of commands) {
    const { stdout, stderr } = await run('kubectl', args, '', 20);
    parts.push(`$ kubectl ${args.join(' ')}\n${stdout}${stderr}`);
  }
  return parts.join('\n');
};

/** A question to the API server costs a few milliseconds. */
const POLL_MS = 200;

/** Asks until the answer is there. Fails, with everything that may explain it, when it does not come in time. */
export const until = async <T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { seconds = 300, namespace }: { seconds?: number; namespace?: string } = {},
): Promise<T> => {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      // The API server may be down on purpose.
      last = error;
    }
    await sleep(POLL_MS);
  }
  const details = namespace === undefined ? '' : `\n${await diagnose(namespace)}`;
  throw new Error(`${what}: not within ${seconds} s${last instanceof Error ? ` (${last.message})` : ''}${details}`);
};
