import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { stringify } from 'yaml';
import { selfSigned } from '../support/self-signed.js';
import { leastCpuMs } from './child-cpu.js';
import type { Promised } from './report.js';

/*
 * What a command of the plugin costs: whole processes, CPU time, next to `node -e 0` of the same run. The API server is
 * a TLS server on loopback that answers as one does to a start.
 */

const PLUGIN = 'bin/kubectl-virt';

const startServer = async (tls: { key: string; cert: string }): Promise<Server> => {
  const server = createServer(tls, (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(request.method === 'PUT' ? 202 : 404).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

const writeKubeconfig = (path: string, server: Server, ca: string) => {
  const { port } = server.address() as AddressInfo;
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': Buffer.from(ca).toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'bench', cluster }],
    users: [{ name: 'bench', user: { token: 'bench' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  };
  writeFileSync(path, stringify(config));
};

export const benchPlugin = async (): Promise<Promised[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-plugin-'));
  const tls = selfSigned();
  const server = await startServer(tls);
  const kubeconfig = join(directory, 'kubeconfig');
  writeKubeconfig(kubeconfig, server, tls.cert);
  // NODE_EXTRA_CA_CERTS costs every Node process some 80 ms that are not ours (docs/reference/measurements.md §1).
  const env: NodeJS.ProcessEnv = { ...process.env, KUBECONFIG: kubeconfig };
  delete env['NODE_EXTRA_CA_CERTS'];
  try {
    const bare = await leastCpuMs({ command: [process.execPath, '-e', '0'], env });
    const help = await leastCpuMs({ command: [PLUGIN, '--help'], env });
    const start = await leastCpuMs({ command: [PLUGIN, 'start', 'x'], env });
    const bytes = statSync('dist/kubectl-virt.cjs').size;
    const ratio = (ms: number) =>
      `${ms.toFixed(0)} CPU ms, ${(ms / bare).toFixed(1)} × \`node -e 0\` (${bare.toFixed(0)})`;
    return [
      { name: '`kubectl-virt --help`', limit: '80 CPU ms', figure: ratio(help), kept: help <= 80 },
      {
        name: '`kubectl-virt start x` against a local API server',
        limit: '130 CPU ms',
        figure: ratio(start),
        kept: start <= 130,
      },
      {
        name: "size of the plugin's bundle",
        limit: '1 MiB',
        figure: `${(bytes / 1024).toFixed(0)} KiB`,
        kept: bytes <= 1 << 20,
      },
    ];
  } finally {
    server.close();
    rmSync(directory, { recursive: true });
  }
};
