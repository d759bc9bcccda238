/** `up`: every step looks first whether its work is done, so that a second run continues or repairs. */
import { existsSync, readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { ensureCgroups } from './cgroups.js';
import { certificatePath, ensureCertificates, keyPath } from './certificates.js';
import { buildImage } from '../../images/recipes.js';
import { rememberBefore } from './cleanup.js';
import { apiServer, controllerManager, etcd, scheduler, writeControlPlaneFiles } from './control-plane.js';
import { reserveHugePages } from './huge-pages.js';
import { importImage } from './images.js';
import { ensureNetwork } from './network.js';
import { containerd, kubelet, writeNodeFiles } from './node.js';
import { ensureRunning, runningPid, waitFor } from './processes.js';
import { run } from './run.js';
import { API_PORT, CLUSTER_DIR, ETCD_URL, KUBERNETES_BIN, NODE_ADDRESS, NODE_NAME, paths } from './settings.js';

export const PROGRAMS = [etcd, apiServer, controllerManager, scheduler, containerd, kubelet] as const;

/** kubectl against the test bed. */
export const kubectl = (args: readonly string[], input?: string): Promise<string> =>
  run(path.join(KUBERNETES_BIN, 'kubectl'), args, { env: { KUBECONFIG: paths.kubeconfig }, input });

/** Whether the API server says that it is ready; false also when nobody answers. */
export const apiReady = (): Promise<boolean> =>
  new Promise((resolve) => {
    if (!existsSync(certificatePath('admin'))) {
      resolve(false);
      return;
    }
    const request = https.get(
      {
        host: NODE_ADDRESS,
        port: API_PORT,
        path: '/readyz',
        ca: readFileSync(certificatePath('ca')),
        cert: readFileSync(certificatePath('admin')),
        key: readFileSync(keyPath('admin')),
        timeout: 2000,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });

const portTaken = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ host, port });
    socket.once('connect', () => resolve((socket.destroy(), true)));
    socket.once('error', () => resolve(false));
  });

/** Another kubelet on this machine would fight with ours over /var/lib/kubelet and the ports. */
const refuseForeignCluster = async (): Promise<void> => {
  const ours = runningPid('kubelet') !== undefined;
  if (!ours && (await portTaken('127.0.0.1', 10248))) {
    throw new Error(
      'Another kubelet runs on this machine (127.0.0.1:10248). Use that cluster with TEST_CLUSTER=existing and KUBECONFIG, or stop it first.',
    );
  }
  const etcdPort = Number(new URL(ETCD_URL).port);
  if (runningPid('etcd') === undefined && (await portTaken('127.0.0.1', etcdPort))) {
    throw new Error(`Port ${etcdPort} on 127.0.0.1, for the test bed's etcd, is taken by another program.`);
  }
};

/** Brings the control plane and the node up. `log` gets one line per step. */
const ensureCluster = async (log: (line: string) => void): Promise<void> => {
  await refuseForeignCluster();
  rememberBefore();
  await ensureCertificates();
  writeControlPlaneFiles();
  writeNodeFiles(readFileSync('/proc/self/status', 'utf8'));
  ensureCgroups();
  await ensureNetwork();
  ensureRunning(containerd);
  ensureRunning(etcd);
  ensureRunning(apiServer);
  log('waiting for the API server');
  await waitFor('the API server', apiReady, { seconds: 120, program: apiServer.name });
  ensureRunning(controllerManager);
  ensureRunning(scheduler);
  await waitFor('containerd', () => existsSync(paths.containerdSocket), { seconds: 30, program: containerd.name });
};

/** kubelet starts last, when the image of the pods' sandboxes is there. */
const ensureNode = async (log: (line: string) => void): Promise<void> => {
  if (runningPid('kubelet') === undefined) reserveHugePages();
  ensureRunning(kubelet);
  log('waiting for the node');
  await waitFor('the node', nodeReady, { seconds: 120, program: kubelet.name });
  await waitFor(
    'the default service account',
    async () => (await kubectl(['get', 'serviceaccounts', '--output=name'])).includes('serviceaccount/default'),
    { seconds: 60, program: controllerManager.name },
  );
};

export const nodeReady = async (): Promise<boolean> => {
  const jsonPath = '{.status.conditions[?(@.type=="Ready")].status}';
  return (await kubectl(['get', 'nodes', NODE_NAME, '--ignore-not-found', `--output=jsonpath=${jsonPath}`])) === 'True';
};

/** Everything up to an empty cluster that runs pods. Kubernetes' programs must be in the cache. */
export const bringUp = async (log: (line: string) => void): Promise<void> => {
  await ensureCluster(log);
  await importImage(await buildImage('pause', log));
  await ensureNode(log);
};

export const clusterExists = (): boolean => existsSync(CLUSTER_DIR);
