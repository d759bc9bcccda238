import { programFlags } from '../program-flags.js';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
const PURPOSE = 'Makes the instances and launcher pods of VirtualMachines. One of several replicas leads.';

/** @param argv words after the program's name */
export const parseFlags = (argv: readonly string[]) =>
  programFlags('virt-controller', PURPOSE, argv)
    .options({
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
        type: 'string',
        default: ':8080',
        describe: 'HOST:PORT of /healthz, /readyz, /leader and /metrics',
      },
      'leader-elect': { type: 'boolean', default: true, describe: 'Wait for the lease before acting' },
      workers: { type: 'number', default: 10, describe: 'Objects of one kind worked on at once' },
    })
    .check(({ workers }) => {
      if (Number.isInteger(workers) && workers >= 1) return true;
      throw new Error(`--workers ${workers}: write a whole number of at least 1.`);
    })
    .parseSync();
