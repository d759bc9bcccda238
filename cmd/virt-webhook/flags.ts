import yargs from 'yargs';
import { INSTALL_NAMESPACE } from '../../src/api/names.js';

export interface Flags {
  readonly listen: string;
  readonly standalone: boolean;
  readonly config: string | undefined;
  readonly certDir: string | undefined;
  readonly namespace: string;
  readonly kubeconfig: string | undefined;
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
    .option('log-level', { choices: LOG_LEVELS, default: 'info' as const, describe: 'least severe message to log' })
    .example('$0 --standalone --listen 127.0.0.1:9443', 'try rules with curl, without a cluster')
    .strict()
    .check(({ standalone, config, 'cert-dir': directory }) => {
      if (!standalone && (config !== undefined || directory !== undefined)) {
        throw new Error('--config and --cert-dir need --standalone: in a cluster both come from the API server.');
      }
      return true;
    })
    .exitProcess(true)
    .parseAsync();
  return { ...parsed, certDir: parsed['cert-dir'], logLevel: parsed['log-level'] };
};
