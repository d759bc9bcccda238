import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '..', '..');
export type ProgramName = 'virt-webhook' | 'virt-controller' | 'virt-agent';
/** Set by `npm test`, which has built everything from these very sources: no file builds it again. */
export const BUILT = 'TEST_BUILT';

/** V8's limits as the first line of the program's launcher in bin/ has them: memory is measured. */
const nodeFlags = (name: ProgramName): string[] => {
  const [line = ''] = readFileSync(join(REPOSITORY, 'bin', name), 'utf8').split('\n');
  return line.split(' ').filter((word) => word.startsWith('--'));
};

/** Bundles programs, as `npm run build` does. */
export const buildPrograms = (...names: readonly (ProgramName | 'kubectl-virt')[]): void => {
  if (process.env[BUILT] !== undefined) return;
  execFileSync(process.execPath, ['scripts/build.mjs', ...names], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};

/**
 * The command that runs a program as it is built and installed, not from source, which would cost four CPU seconds a
 * start. It dies with us: a test that is killed must leave nothing behind.
 */
export const builtCommand = (name: ProgramName, flags: readonly string[]): [command: string, args: string[]] => [
  'setpriv',
  [
    ...['--pdeathsig', 'KILL', process.execPath, ...nodeFlags(name)],
    ...[join(REPOSITORY, 'dist', `${name}.cjs`), ...flags],
  ],
];

/** Such a program that runs. */
export class BuiltProgram {
  log = '';
  private readonly child: ChildProcess;

  constructor(
    readonly name: ProgramName,
    flags: readonly string[],
  ) {
    this.child = spawn(...builtCommand(name, flags), { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (text: Buffer) => (this.log += text.toString()));
  }

  get lives(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get rssMib(): number {
    const status = readFileSync(`/proc/${this.child.pid ?? 0}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  }

  /** The end of its log, for messages of tests. */
  get lastWords(): string {
    return this.log.split('\n').slice(-15).join('\n');
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
