import yargs from 'yargs';
import type { Options } from 'yargs';
import { INSTALL_NAMESPACE } from '../src/api/names.js';

/** pino's, from the most words to none. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What virt-webhook, virt-controller and virt-agent all take. */
const COMMON_FLAGS = {
  namespace: {
    type: 'string',
    default: process.env.POD_NAMESPACE ?? INSTALL_NAMESPACE,
    describe: 'Where this product is installed: its KubeVirt object, Secrets and leases',
  },
  kubeconfig: { type: 'string', describe: "Instead of $KUBECONFIG, ~/.kube/config or the pod's service account" },
  'liveness-listen': {
    type: 'string',
    describe: 'HOST:PORT of /healthz for a liveness probe, answered by a thread of its own (default: none)',
  },
  'log-level': { choices: LOG_LEVELS, default: 'info', describe: 'Least severe message to log' },
} as const satisfies Record<string, Options>;

/**
 * The command line of one of these programs, with the flags that all have. It adds its own and parses: a wrong flag
 * ends the process with a message and exit code 1, `--help` with 0.
 */
export const programFlags = (name: string, purpose: string, argv: readonly string[]) =>
  yargs([...argv])
    .scriptName(name)
    .usage(`$0 [flags]\n\n${purpose}`)
    .options(COMMON_FLAGS)
    .strict()
    .version(false)
    // It would break words at the edge.
    .wrap(null)
    .help();
