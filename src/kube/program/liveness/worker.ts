import { parentPort, workerData } from 'node:worker_threads';
import { listen, parseListen } from '../../http-server/listen.js';
import { requestPath } from '../../http-server/request-path.js';
import { createPlainServer } from '../../http-server/server.js';
import { silentLog } from '../log.js';
import { Witness } from './heartbeat.js';

/** What the program gives its witness; `beats` is shared memory. */
export interface WitnessData {
  readonly address: string;
  readonly beats: SharedArrayBuffer;
  readonly lookMs: number;
  readonly patience: number;
}

const { address, beats, lookMs, patience } = workerData as WitnessData;
const witness = new Witness(new Int32Array(beats), patience);
setInterval(() => witness.look(), lookMs);

const answer = (method: string | undefined, target: string | undefined): readonly [code: number, text: string] => {
  if (method !== 'GET') return [405, 'only GET is possible'];
  if (requestPath(target) !== '/healthz') return [404, 'there is /healthz'];
  return witness.alive ? [200, 'ok'] : [503, 'the event loop hangs'];
};

const server = createPlainServer({
  log: silentLog,
  handler: ({ method, url }, response) => {
    const [code, text] = answer(method, url);
    response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  },
});
// What fails ends this thread, and with it the program: kubelet would take it for dead in any case.
void listen(server, parseListen(address)).then((port) => parentPort?.postMessage(port));
