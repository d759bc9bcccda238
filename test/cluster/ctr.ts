import { run } from './run.js';
import { paths } from './settings.js';

/** containerd's own client, in the namespace where kubelet's images and containers are. */
export const ctr = (args: readonly string[]): Promise<string> =>
  run('ctr', ['--address', paths.containerdSocket, '--namespace', 'k8s.io', ...args]);
