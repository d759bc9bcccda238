import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const plugin = `${root}bin/kubectl-virt`;

/** An environment without what slows every start of Node (docs/reference/measurements.md §1) or names a cluster. */
export const cleanEnvironment = (): NodeJS.ProcessEnv => {
  const removed = ['NODE_EXTRA_CA_CERTS', 'KUBECONFIG', 'NODE_OPTIONS'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !removed.includes(name)));
};
