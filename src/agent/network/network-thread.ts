import { Worker } from 'node:worker_threads';
import type { Log } from '../../kube/program/log.js';
import { workerFile } from '../../kube/program/worker-file.js';
import { Limiter } from '../vm/limiter.js';
import type { NetworkReply, NetworkRequest } from './network-worker.js';
import type { SetUpReport } from './wish.js';

/** A lease and a socket for each VM, and frames of 2 KiB. */
const WORKER_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };
/** Each is a program of 50 ms of processor time; an agent that begins sets up those of all its VMs again. */
const PARALLEL = 2;

type Asked = Omit<Extract<NetworkRequest, { do: 'open' }>, 'do' | 'id'>;

/** Sets up pods' networks and answers what guests ask about them, apart from the loop that does everything else. */
export interface PodNetworks {
  /** Never rejects. */
  readonly open: (asked: Asked) => Promise<SetUpReport>;
  readonly close: (key: string) => void;
}

export const networkThread = (log: Pick<Log, 'error'>): PodNetworks => {
  const waiting = new Map<number, (report: SetUpReport) => void>();
  const turns = new Limiter(PARALLEL);
  let last = 0;
  let started: Worker | undefined;
  const start = (): Worker => {
    const worker = new Worker(workerFile('network-worker'), { resourceLimits: WORKER_LIMITS });
    worker.on('message', ({ id, report }: NetworkReply) => {
      waiting.get(id)?.(report);
      waiting.delete(id);
    });
    // Without it no VM can be started. VMs run on.
    worker.on('error', (error) => {
      log.error({ error }, 'the thread of the pods’ networks ended; the process ends');
      process.exit(1);
    });
    worker.unref();
    return worker;
  };
  const post = (request: NetworkRequest): void => (started ??= start()).postMessage(request);
  return {
    open: (asked) =>
      turns.run(() => {
        last += 1;
        const id = last;
        const report = new Promise<SetUpReport>((resolve) => waiting.set(id, resolve));
        post({ do: 'open', id, ...asked });
        return report;
      }),
    close: (key) => {
      if (started !== undefined) post({ do: 'close', key });
    },
  };
};
