import { programLog } from '../../src/kube/program/program-log.js';
import { parseFlags } from './flags.js';

/** Reads flags, wires, runs. The two modes are loaded apart: stand-alone mode needs no Kubernetes client. */
const main = async (): Promise<void> => {
  const flags = parseFlags(process.argv.slice(2));
  const logger = programLog('virt-webhook', flags.logLevel);
  try {
    if (flags.standalone) await (await import('./standalone.js')).runStandalone(flags, logger);
    else await (await import('./cluster.js')).runInCluster(flags, logger);
  } catch (error) {
    logger.fatal({ error }, 'virt-webhook cannot run');
    process.exitCode = 1;
  }
  // Whatever still keeps the event loop running has been asked to end; the program ends in any case.
  process.exit();
};

void main();
