import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { keepShipped } from '../../src/controller/instancetypes/keep-shipped.js';
import { keepInstallationStatus } from '../../src/controller/installation/keep-status.js';
import { keepAgentProfile } from '../../src/controller/node/agent-profile.js';
import { Controller } from '../../src/controller/controller.js';
import { controllerMetrics } from '../../src/controller/metrics.js';
import { keepPolicyStatus } from '../../src/controller/policies/keep-policy-status.js';
import { policyFleetMetrics } from '../../src/controller/policies/metrics.js';
import { systemClock } from '../../src/kube/clock.js';
import { buildInfo } from '../../src/kube/program/build-info.js';
import { HealthServer } from '../../src/kube/program/health-server.js';
import { serveLiveness } from '../../src/kube/program/liveness/liveness.js';
import { watchLoop } from '../../src/kube/program/loop-lateness.js';
import { LeaderElector } from '../../src/kube/work/leader-election.js';
import { eventMetrics, informerMetrics, workQueueMetrics } from '../../src/kube/program/metrics.js';
import { watchProcessErrors } from '../../src/kube/program/process-errors.js';
import { programClient } from '../../src/kube/program/program-client.js';
import { lastWords, programLog } from '../../src/kube/program/program-log.js';
import { SINCE, serverMinor } from '../../src/kube/client/server-version.js';
import { parseFlags } from './flags.js';

/** Less than kubelet's default grace of 30 s: what is not done by then is done by the next leader. */
const SHUTDOWN_MS = 20_000;

const main = async (): Promise<void> => {
  const flags = parseFlags(process.argv.slice(2));
  const log = programLog('virt-controller', flags.logLevel);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  watchProcessErrors(log, registry);
  watchLoop(registry, log);
  await serveLiveness({ listen: flags.livenessListen, log });
  const metrics = {
    controller: controllerMetrics(registry),
    informer: informerMetrics(registry),
    queue: workQueueMetrics(registry),
    events: eventMetrics(registry),
    policies: policyFleetMetrics(registry),
  };
  const client = await programClient(flags.kubeconfig, { userAgent: 'virt-controller', log });
  const minor = await serverMinor(client);
  const controller = new Controller({
    client,
    namespace: flags.namespace,
    settings: {
      launcherImage: flags.launcherImage,
      earlierLauncherImages: flags.earlierLauncherImage,
      imagePullPolicy: flags.launcherImagePullPolicy,
      unprivilegedPortsSysctl: minor >= SINCE.portSysctl,
    },
    architecture: buildInfo.architecture,
    workers: flags.workers,
    log,
    metrics,
  });
  const identity = `${process.env.POD_NAME ?? hostname()}_${randomUUID()}`;
  const elector = new LeaderElector(client, { namespace: flags.namespace, name: 'virt-controller', identity, log });
  const health = new HealthServer({
    listen: flags.metricsListen,
    notReady: () => controller.notReady(),
    isLeader: () => elector.isLeader || !flags.leaderElect,
    registry,
    log,
  });
  const stopping = new AbortController();
  const stop = async (signal: string): Promise<void> => {
    log.info({ signal }, 'stopping');
    stopping.abort();
    setTimeout(() => {
      log.error({ afterMs: SHUTDOWN_MS }, 'work did not end in time');
      process.exit(1);
    }, SHUTDOWN_MS).unref();
    await controller.stop();
    // Only now may another lead: our last write is done.
    await elector.stop();
    await health.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));

  const port = await health.start();
  log.info({ port, server: client.server, namespace: flags.namespace }, 'started');
  await controller.startCaches();
  metrics.controller.ready(true);
  const lead = (): void => {
    metrics.controller.leading(true);
    controller.startWork();
    const installation = {
      client,
      namespace: flags.namespace,
      version: buildInfo.gitVersion,
      clock: systemClock,
      log,
    };
    void keepInstallationStatus(installation, stopping.signal);
    const { clusterSettings, recorder } = controller;
    const policies = {
      client,
      recorder,
      clock: systemClock,
      log,
      pausedUntil: () => clusterSettings.policiesPausedUntil,
      onSettings: (listener: () => void) => clusterSettings.onChange(listener),
      metrics,
    };
    keepPolicyStatus(policies, stopping.signal).catch((error: unknown) => {
      log.error({ error }, 'the status of policies is not kept any more');
    });
    const shipped = {
      ...{ client, clock: systemClock, log, instancetypes: controller.instancetypes },
      isEnabled: () => clusterSettings.current.commonInstancetypes,
      onSettings: (listener: () => void) => clusterSettings.onChange(listener),
    };
    keepShipped(shipped, stopping.signal).catch((error: unknown) => {
      log.error({ error }, 'the instance types of the product are not kept any more');
    });
    void keepAgentProfile({ client, namespace: flags.namespace, clock: systemClock, log }, minor, stopping.signal);
  };
  if (!flags.leaderElect) lead();
  // Another may lead by now: not one more write.
  else if ((await elector.run(lead)) === 'lost') process.exit(1);
};

main().catch((error: unknown) => {
  lastWords('virt-controller', error);
  process.exit(1);
});
