import { request } from 'node:http';
import type { Pod } from '../../kube/types.js';
import { isImporting } from './conditions.js';
import { PROGRESS_PORT } from './importer-pod.js';

/** An importer answers from memory; a firewall may swallow the question. */
const TIMEOUT_MS = 2_000;
/** `100.00` and a line end. Any program may answer: the pod is under the control of its namespace's users. */
const MAX_BYTES = 16;

/** How far an importer is, in percent; undefined when it cannot be asked: the import continues all the same. */
export const importProgress = async (pod: Pod, port = PROGRESS_PORT): Promise<number | undefined> => {
  const { podIP } = pod.status ?? {};
  if (!podIP || !isImporting(pod)) return undefined;
  const text = await ask(podIP, port);
  return text !== undefined && /^\d{1,3}(\.\d{1,2})?\n?$/.test(text) ? Math.min(Number(text), 99.99) : undefined;
};

const ask = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const outgoing = request({ host, port, path: '/progress', agent: false, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > MAX_BYTES) outgoing.destroy();
      });
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined));
      response.on('error', () => resolve(undefined));
    });
    // Not the socket's timeout alone: an answer that drips never is silent.
    const timer = setTimeout(() => outgoing.destroy(), TIMEOUT_MS);
    outgoing.on('error', () => resolve(undefined));
    outgoing.on('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    outgoing.end();
  });
