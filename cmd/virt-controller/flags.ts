import yargs from 'yargs';
import { INSTALL_NAMESPACE } from '../../src/api/names.js';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export interface Flags {
  namespace: string;
  kubeconfig: string | undefined;
  launcherImage: string;
  earlierLauncherImage: string[];
  launcherImagePullPolicy: (typeof PULL_POLICIES)[number] | undefined;
  metricsListen: string;
  leaderElect: boolean;
  workers: number;
  logLevel: (typeof LOG_LEVELS)[number];
}

/** Ends the process with a message and exit code 1 when a flag is wrong. */
export const parseFlags = (args: string[]): Promise<Flags> =>
  yargs(args)
    .scriptName('virt-controller')
    .usage('$0 [options]\n\nMakes the instances and launcher pods of VirtualMachines. One of several replicas leads.')
    .options({
      namespace: {
        type: 'string',
        default: process.env.POD_NAMESPACE ?? INSTALL_NAMESPACE,
        describe: 'Where the KubeVirt object and the lease live',
      },
      kubeconfig: { type: 'string', describe: "Instead of $KUBECONFIG, ~/.kube/config or the pod's service account" },
      'launcher-image': { type: 'string', demandOption: true, describe: 'Image of the launcher pods' },
      'earlier-launcher-image': {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'Launcher image of an earlier version whose VMs may still run; may be repeated',
      },
      'launcher-image-pull-policy': {
        choices: PULL_POLICIES,
        describe: "Instead of the KubeVirt object's imagePullPolicy",
      },
      'metrics-listen': {
        alias: 'listen',
        type: 'string',
        default: ':8080',
        describe: 'HOST:PORT of /healthz, /readyz, /leader and /metrics',
      },
      'leader-elect': { type: 'boolean', default: true, describe: 'Wait for the lease before acting' },
      workers: { type: 'number', default: 10, describe: 'Objects of one kind worked on at once' },
      'log-level': { choices: LOG_LEVELS, default: 'info' as const, describe: 'Least level logged' },
    })
    .check(({ workers }) => {
      if (Number.isInteger(workers) && workers >= 1) return true;
      throw new Error(`--workers ${workers}: write a whole number of at least 1.`);
    })
    .strict()
    .version(false)
    .help()
    .parseAsync();
