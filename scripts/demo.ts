/**
 * `npm run demo [-- --no-tty]`: the main job without a cluster. Takes manifests/examples/demo-vmi.yaml through
 * admission, creates its domain in a libvirtd of its own, shows the guest booting and gives its shell. `--no-tty` (also
 * without a terminal) prints the console and ends with 0 once the guest has run a command.
 */
import { fileURLToPath } from 'node:url';
import { CliError, ExitCode, renderError } from '../cmd/kubectl-virt/errors.js';
import { note } from '../cmd/kubectl-virt/io.js';
import type { Io } from '../cmd/kubectl-virt/io.js';
import { processIo } from '../cmd/kubectl-virt/process-io.js';
import { main } from '../cmd/kubectl-virt/program.js';
import { demoScreen } from './demo-screen.js';
import { buildTinyGuest } from './guests/tiny.js';

const io: Io = { ...processIo(), env: process.env, program: 'kubectl virt' };
const say = (line: string): void => note(io, line);
const manifest = fileURLToPath(new URL('../manifests/examples/demo-vmi.yaml', import.meta.url));
const GUEST_COMMAND =
  'echo "Hello from inside the guest: $(uname -sr), $(nproc) vCPU, up $(cut -d. -f1 /proc/uptime) s"';
const NEXT = `
Next, the same in a Kubernetes cluster of one node on this machine:  npm run cluster -- up
Or write one of your own and have it checked:  kubectl virt lint -f vm.yaml   (README.md, "Read on")`;

const demo = async (): Promise<number> => {
  const interactive = io.stdin.isTTY && io.stdout.isTTY && !process.argv.includes('--no-tty');
  const image = await buildTinyGuest(say);
  const shown = `run -f manifests/examples/demo-vmi.yaml --volume root=${image}`;
  say(`\n1. Admission, offline: kubectl virt lint -f manifests/examples/demo-vmi.yaml`);
  const lint = await main(['lint', '-f', manifest], io);
  if (lint !== ExitCode.ok) return lint;
  say(`\n2. The same manifest as a domain on this machine: kubectl virt ${shown}`);
  const args = ['run', '-f', manifest, '--volume', `root=${image}`];
  const code = interactive ? await main(args, io) : await withoutTerminal(args);
  if (code === ExitCode.ok) say(NEXT);
  return code;
};

const withoutTerminal = async (args: readonly string[]): Promise<number> => {
  const guestScreen = demoScreen(io.guestScreen);
  const code = await main([...args, '--no-tty', '--command', GUEST_COMMAND], { ...io, guestScreen });
  await new Promise((done) => guestScreen.end(done));
  return code;
};

try {
  process.exitCode = await demo();
} catch (error) {
  io.stderr.write(renderError(error));
  process.exitCode = error instanceof CliError ? error.exitCode : ExitCode.failure;
}
