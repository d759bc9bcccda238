import yargs from 'yargs';
import { INSTALL_NAMESPACE } from '../../src/api/names.js';

export interface Flags {
  readonly listen: string;
  readonly standalone: boolean;
  readonly config: string | undefined;
  readonly certDir: string | undefined;
  readonly namespace: string;
  readonly kubeconfig: string | undefined;
  /** Seconds; undefined: as the mode needs it. */
  readonly shutdownDelay: number | undefined;
  readonly logLevel: string;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export const parseFlags = async (argv: readonly string[]): Promise<Flags> => {
  const parsed = await yargs([...argv])
    .scriptName('virt-webhook')
    .usage('$0 [flags]\n\nAdmission (POST /mutate, POST /validate) and the aggregated API subresources.kubevirt.io.')
    .option('listen', { type: 'string', default: ':8443', describe: 'address to serve HTTPS on, HOST:PORT or :PORT' })
    .option('standalone', { type: 'boolean', default: false, describe: 'admission only, without a cluster' })
    .option('config', { type: 'string', describe: 'file with the KubeVirt object (stand-alone mode)' })
    .option('cert-dir', { type: 'string', describe: 'directory to write ca.crt to (stand-alone mode)' })
    .option('namespace', {
      type: 'string',
      default: process.env['POD_NAMESPACE'] ?? INSTALL_NAMESPACE,
      describe: 'where this product is installed',
    })
    .option('kubeconfig', { type: 'string', describe: 'file to reach the cluster with; in a pod none is needed' })
    .option('shutdown-delay', {
      type: 'number',
      describe: 'seconds from SIGTERM, when readiness fails, to the end of serving (default: 5; stand-alone 0)',
    })
    .option('log-level', { choices: LOG_LEVELS, default: 'info' as const, describe: 'least severe message to log' })
    .example('$0 --standalone --listen 127.0.0.1:9443', 'try rules with curl, without a cluster')
    .strict()
    .epilog('SIGHUP makes a new certificate of the same CA at once (stand-alone mode).')
    .check(({ standalone, config, 'cert-dir': directory, 'shutdown-delay': delay }) => {
      // Kubelet waits for 30 s, and what runs then needs up to 20.
      if (delay !== undefined && !(delay >= 0 && delay <= 10)) {
        throw new Error(`--shutdown-delay: ${delay} is not a number of seconds from 0 to 10.`);
      }
      if (!standalone && (config !== undefined || directory !== undefined)) {
        throw new Error('--config and --cert-dir need --standalone: in a cluster both come from the API server.');
      }
      return true;
    })
    .exitProcess(true)
    .parseAsync();
  return {
    ...parsed,
    certDir: parsed['cert-dir'],
    shutdownDelay: parsed['shutdown-delay'],
    logLevel: parsed['log-level'],
  };
};
