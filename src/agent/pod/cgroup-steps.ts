import { mkdirSync, writeFileSync } from 'node:fs';
import type { CommandRunner } from '../workspace/command.js';
import { NODE_CGROUPS } from './cgroup-way.js';

/** One change of a tree of cgroups. A thread may end before it is moved, which is no failure; all else is. */
export interface CgroupStep {
  readonly do: 'make' | 'write' | 'move';
  /** Without white space. */
  readonly path: string;
  /** What is written; none for a directory. */
  readonly value: string;
}

/** One step a line: what, where, value. An error names the file. */
const SCRIPT = `
while read -r what path value; do
  case $what in
    make) [ -d "$path" ] || mkdir "$path" || exit 1 ;;
    write) echo "$value" >"$path" || exit 1 ;;
    move) echo "$value" >"$path" || true ;;
  esac
done
`;
const SECONDS = 10;

const code = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const carryOut = ({ do: what, path, value }: CgroupStep): void => {
  try {
    if (what === 'make') mkdirSync(path);
    else writeFileSync(path, value);
  } catch (error) {
    if (what === 'make' && code(error) === 'EEXIST') return;
    if (what === 'move' && code(error) === 'ESRCH') return;
    throw error;
  }
};

/**
 * Carries out steps in order, each as often as one likes.
 * @param apart By a process in the node's cgroup namespace: from another one the kernel moves no thread
 * @throws Error naming the file
 */
export const takeSteps = async (steps: readonly CgroupStep[], apart: boolean, run: CommandRunner): Promise<void> => {
  if (!apart) steps.forEach(carryOut);
  if (!apart || steps.length === 0) return;
  const lines = steps.map((step) => `${step.do} ${step.path} ${step.value}\n`).join('');
  await run(
    { name: 'cgroups', argv: [...NODE_CGROUPS, 'sh', '-c', SCRIPT] },
    { stdin: Buffer.from(lines), timeoutSeconds: SECONDS },
  );
};
