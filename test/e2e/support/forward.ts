import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** `kubectl virt port-forward` that runs. */
export interface Forwarding {
  /** Local ports, in the order of those that were named. */
  readonly ports: readonly number[];
  /** What it has said on stderr. */
  readonly errors: () => string;
  readonly stop: () => Promise<number | null>;
}

export const forwarding = async (
  namespace: string,
  target: string,
  ports: readonly string[],
  flags: readonly string[] = [],
): Promise<Forwarding> => {
  const args = ['bin/kubectl-virt', 'port-forward', target, ...ports, '-n', namespace, ...flags];
  const child = spawn(process.execPath, args);
  let [out, errors] = ['', ''];
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(errors)));
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
      if (out.split('\n').length > ports.length) resolve();
    });
  });
  return {
    ports: [...out.matchAll(/:(\d+) -> /g)].map(([, port]) => Number(port)),
    errors: () => errors,
    stop: async () => {
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number | null];
      return code;
    },
  };
};

export const connectTo = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

/** All that comes until the other side ends. */
export const allOf = async (socket: Socket): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end', { signal: AbortSignal.timeout(60_000) });
  return Buffer.concat(chunks);
};

/** Runs the plugin to its end. */
export const runPlugin = (
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly code: number; readonly out: string; readonly errors: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['bin/kubectl-virt', ...args], { env, timeout: 180_000 }, (error, out, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, errors }),
    );
  });
