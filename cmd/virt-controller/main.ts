import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { INSTALL_NAMESPACE } from '../../src/api/names.js';
import { Controller } from '../../src/controller/controller.js';
import { controllerMetrics } from '../../src/controller/metrics.js';
import { KubeClient } from '../../src/kube/client.js';
import { HealthServer } from '../../src/kube/health-server.js';
import { LeaderElector } from '../../src/kube/leader-election.js';
import { informerMetrics, workQueueMetrics } from '../../src/kube/metrics.js';

/** Less than kubelet's default grace of 30 s: what is not done by then is done by the next leader. */
const SHUTDOWN_MS = 20_000;

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;

const flags = await yargs(hideBin(process.argv))
  .scriptName('virt-controller')
  .usage(
    '$0 [options]\n\nRuns VirtualMachines: makes their instances and launcher pods. One of several replicas leads.',
  )
  .options({
    namespace: {
      type: 'string',
      default: process.env.POD_NAMESPACE ?? INSTALL_NAMESPACE,
      describe: 'Where the KubeVirt object and the lease live',
    },
    kubeconfig: { type: 'string', describe: "Instead of $KUBECONFIG, ~/.kube/config or the pod's service account" },
    'launcher-image': { type: 'string', demandOption: true, describe: 'Image of the launcher pods' },
    'launcher-image-pull-policy': {
      choices: PULL_POLICIES,
      describe: "Instead of the KubeVirt object's imagePullPolicy",
    },
    'metrics-listen': {
      alias: 'listen',
      type: 'string',
      default: ':8080',
      describe: 'HOST:PORT of /healthz, /readyz, /leader and /metrics',
    },
    'leader-elect': { type: 'boolean', default: true, describe: 'Wait for the lease before acting' },
    workers: { type: 'number', default: 10, describe: 'Objects of one kind worked on at once' },
    'log-level': {
      choices: ['debug', 'info', 'warn', 'error'] as const,
      default: 'info',
      describe: 'Least level logged',
    },
  })
  .strict()
  .help()
  .parseAsync();

const log = pino({ level: flags['log-level'], base: { component: 'virt-controller' } });
const registry = new Registry();
collectDefaultMetrics({ register: registry });
const metrics = {
  controller: controllerMetrics(registry),
  informer: informerMetrics(registry),
  queue: workQueueMetrics(registry),
};

const client = await KubeClient.fromDefault({ kubeconfig: flags.kubeconfig, userAgent: 'virt-controller' });

/** Kubernetes 1.22 made the sysctl safe that lets passt serve low ports. */
const knowsPortSysctl = async (): Promise<boolean> => {
  const { major = '0', minor = '0' } = await client.get<{ major?: string; minor?: string }>('/version');
  return Number.parseInt(major, 10) > 1 || Number.parseInt(minor, 10) >= 22;
};

const controller = new Controller({
  client,
  namespace: flags.namespace,
  settings: {
    launcherImage: flags['launcher-image'],
    imagePullPolicy: flags['launcher-image-pull-policy'],
    unprivilegedPortsSysctl: await knowsPortSysctl(),
  },
  architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  workers: flags.workers,
  log,
  metrics,
});

const elector = new LeaderElector(client, {
  namespace: flags.namespace,
  name: 'virt-controller',
  identity: `${process.env.POD_NAME ?? hostname()}_${randomUUID()}`,
  log,
});

const health = new HealthServer({
  listen: flags['metrics-listen'],
  notReady: () => controller.notReady(),
  isLeader: () => elector.isLeader || !flags['leader-elect'],
  registry,
});

let stopping = false;
const stop = async (signal: string): Promise<void> => {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  setTimeout(() => {
    log.error({ afterMs: SHUTDOWN_MS }, 'work did not end in time');
    process.exit(1);
  }, SHUTDOWN_MS).unref();
  await controller.stop();
  // Only now may another lead: our last write is done.
  await elector.stop();
  await health.stop();
  client.close();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));

const port = await health.start();
log.info({ port, server: client.server, namespace: flags.namespace }, 'started');
await controller.startCaches();
metrics.controller.ready(true);

const lead = (): void => {
  metrics.controller.leading(true);
  controller.startWork();
};
if (!flags['leader-elect']) lead();
else if ((await elector.run(lead)) === 'lost') {
  // Another may lead by now: not one more write.
  process.exit(1);
}
