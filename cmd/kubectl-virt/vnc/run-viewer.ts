import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { CliError } from '../errors.js';
import type { Viewer } from './viewer.js';

/**
 * Starts a viewer. Some hand over to another process and end at once, so that the end of one that has connected means
 * nothing: then this never resolves.
 * @throws CliError when it cannot be started, or fails before it has connected
 */
export const runViewer = ({ program, args }: Viewer, connection: Promise<Socket>): Promise<never> =>
  new Promise((_resolve, reject) => {
    let connected = false;
    connection.then(() => (connected = true)).catch(() => undefined);
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const said: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 16) said.push(chunk);
    });
    const remedy = 'Start it by hand: kubectl virt vnc NAME --proxy-only prints the port.';
    child.on('error', (error) => reject(new CliError(`${program} cannot be started: ${error.message}`, { remedy })));
    child.on('close', (code) => {
      if (connected || code === 0) return;
      const last = Buffer.concat(said).toString('utf8').trim().split('\n').at(-1) ?? '';
      reject(new CliError(`${program} ended with ${code ?? 'a signal'}: ${last.slice(0, 200)}`, { remedy }));
    });
  });
