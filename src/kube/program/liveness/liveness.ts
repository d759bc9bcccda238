import { Worker } from 'node:worker_threads';
import type { Log } from '../log.js';
import { workerFile } from '../worker-file.js';
import { BEAT_MS, LOOKS_WITHOUT_BEAT } from './heartbeat.js';
import type { WitnessData } from './worker.js';

interface LivenessOptions {
  /** `host:port`, `:port` for all addresses; port 0 takes a free one. Undefined: nobody asks. */
  readonly listen: string | undefined;
  readonly log: Pick<Log, 'error'>;
  readonly beatMs?: number;
  /** Looks of the witness without a beat after which the loop counts as hung. */
  readonly patience?: number;
}

/**
 * More than the server of one short answer needs, and a bound: whoever floods the port cannot take the program's
 * memory.
 */
const WORKER_LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/**
 * `/healthz` for kubelet's liveness probe, from a thread of its own: a loop that is busy with its work, or that waits
 * for its turn on a full node, does not delay the answer, and one that hangs does not beat. @throws when the address
 * cannot be had
 */
export const serveLiveness = async (options: LivenessOptions): Promise<number | undefined> => {
  const { listen, log, beatMs = BEAT_MS, patience = LOOKS_WITHOUT_BEAT } = options;
  if (listen === undefined) return undefined;
  const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(beats);
  const workerData: WitnessData = { address: listen, beats, lookMs: beatMs, patience };
  const worker = new Worker(workerFile('liveness-worker'), { workerData, resourceLimits: WORKER_LIMITS });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  // Without its witness the program cannot be told from a dead one. VMs run on.
  worker.on('error', (error) => {
    log.error({ error }, 'the thread that answers liveness ended; the process ends');
    process.exit(1);
  });
  worker.unref();
  setInterval(() => Atomics.add(counter, 0, 1), beatMs).unref();
  return port;
};
