/**
 * `npm run cluster -- up|down|status`: a real one-node Kubernetes on this machine, without a registry or a VM around
 * it.
 */
import { removeCluster } from './cleanup.js';
import { logFile, runningPid } from './processes.js';
import { KUBERNETES_BIN, paths } from './settings.js';
import { ensureKubernetes } from './kubernetes.js';
import { installProduct } from './product.js';
import { PROGRAMS, apiReady, bringUp, clusterExists, kubectl, nodeReady } from './up.js';

const started = Date.now();
const log = (line: string): void => {
  process.stdout.write(`[${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s] ${line}\n`);
};

/** `bare`: Kubernetes alone, without our programs. */
const up = async (bare: boolean): Promise<void> => {
  await ensureKubernetes(log);
  await bringUp(log);
  log('Kubernetes is up');
  if (!bare) {
    await installProduct(log);
    log('kubectl-virt is installed');
  }
  process.stdout.write(`export PATH=${KUBERNETES_BIN}:$PATH\n`);
  process.stdout.write(`export KUBECONFIG=${paths.kubeconfig}\n`);
};

/** Exit code 0: all is well; 1: something is not; 3: there is no cluster. */
const status = async (): Promise<number> => {
  if (!clusterExists()) {
    process.stdout.write('no cluster; npm run cluster -- up makes one\n');
    return 3;
  }
  const programs = PROGRAMS.map(({ name }) => ({ name, pid: runningPid(name) }));
  for (const { name, pid } of programs) {
    process.stdout.write(`${name.padEnd(26)}${pid === undefined ? `down, log ${logFile(name)}` : `up, pid ${pid}`}\n`);
  }
  const api = await apiReady();
  process.stdout.write(`${'API server'.padEnd(26)}${api ? 'ready' : 'not ready'}\n`);
  const node = api && (await nodeReady());
  process.stdout.write(`${'node'.padEnd(26)}${node ? 'ready' : 'not ready'}\n`);
  if (api) process.stdout.write(await kubectl(['get', 'pods', '--all-namespaces', '--output=wide']));
  process.stdout.write(`export KUBECONFIG=${paths.kubeconfig}\n`);
  return node && programs.every(({ pid }) => pid !== undefined) ? 0 : 1;
};

const main = async ([command, option]: readonly string[]): Promise<number> => {
  if (process.getuid?.() !== 0) throw new Error('The test bed needs root: network, mounts and cgroups are its own.');
  if (command === 'up') await up(option === '--bare');
  else if (command === 'down') {
    await removeCluster();
    log('nothing of the cluster is left');
  } else if (command === 'status') return await status();
  else {
    process.stderr.write('usage: npm run cluster -- up [--bare]|down|status\n');
    return 2;
  }
  return 0;
};

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
