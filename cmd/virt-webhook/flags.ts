import { programFlags } from '../program-flags.js';

const PURPOSE = 'Admission (POST /mutate, POST /validate) and the aggregated API subresources.kubevirt.io.';
/** Kubelet waits for 30 s, and what runs after the delay needs up to 20. */
const MAX_SHUTDOWN_DELAY_SECONDS = 10;

/** @param argv words after the program's name */
export const parseFlags = (argv: readonly string[]) =>
  programFlags('virt-webhook', PURPOSE, argv)
    .options({
      listen: { type: 'string', default: ':8443', describe: 'Address to serve HTTPS on, HOST:PORT or :PORT' },
      standalone: { type: 'boolean', default: false, describe: 'Admission only, without a cluster' },
      config: { type: 'string', describe: 'File with the KubeVirt object (stand-alone mode)' },
      'cert-dir': { type: 'string', describe: 'Directory to write ca.crt to (stand-alone mode)' },
      'shutdown-delay': {
        type: 'number',
        describe: 'Seconds from SIGTERM, when readiness fails, to the end of serving (default: 5; stand-alone 0)',
      },
    })
    .example('$0 --standalone --listen 127.0.0.1:9443', 'Try rules with curl, without a cluster')
    .epilog('SIGHUP makes a new certificate of the same CA at once (stand-alone mode).')
    .check(({ standalone, config, 'cert-dir': directory, 'shutdown-delay': delay }) => {
      if (delay !== undefined && !(delay >= 0 && delay <= MAX_SHUTDOWN_DELAY_SECONDS)) {
        throw new Error(
          `--shutdown-delay: ${delay} is not a number of seconds from 0 to ${MAX_SHUTDOWN_DELAY_SECONDS}.`,
        );
      }
      if (!standalone && (config !== undefined || directory !== undefined)) {
        throw new Error('--config and --cert-dir need --standalone: in a cluster both come from the API server.');
      }
      return true;
    })
    .parseSync();

export type Flags = ReturnType<typeof parseFlags>;
