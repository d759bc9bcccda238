import { randomUUID } from 'node:crypto';
import type { Server } from 'node:https';
import type { Logger } from 'pino';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { madeUpUuid } from '../../src/api/vmi/chosen-uuid.js';
import { AccessReviews } from '../../src/kube/client/access-review.js';
import { serverMinor } from '../../src/kube/client/server-version.js';
import { systemClock } from '../../src/kube/clock.js';
import { EventRecorder } from '../../src/kube/events.js';
import { Informer } from '../../src/kube/watch/informer.js';
import { InstancetypeWatch } from '../../src/kube/watch/instancetype-watch.js';
import { SettingsWatch } from '../../src/kube/watch/settings-watch.js';
import { buildInfo } from '../../src/kube/program/build-info.js';
import { serveLiveness } from '../../src/kube/program/liveness/liveness.js';
import { watchLoop } from '../../src/kube/program/loop-lateness.js';
import { eventMetrics, informerMetrics } from '../../src/kube/program/metrics.js';
import { programClient } from '../../src/kube/program/program-client.js';
import { watchProcessErrors } from '../../src/kube/program/process-errors.js';
import { AgentCertificates } from '../../src/webhook/certificates/agent-certificates.js';
import { AgentPods } from '../../src/webhook/admission/agent-pods.js';
import { ApiServerCallers, registeredPath } from '../../src/webhook/admission/api-server-callers.js';
import { CertificateKeeper } from '../../src/webhook/certificates/certificate-keeper.js';
import { bundleOf, isDying, timeLeft, type CertificateState } from '../../src/webhook/certificates/certificate-plan.js';
import { publishAgentCa, SecretCertificateStore } from '../../src/webhook/certificates/certificate-secret.js';
import { evictionRouter } from '../../src/webhook/eviction/router.js';
import { KubeEvictionStore } from '../../src/webhook/eviction/store.js';
import { clusterProfiles } from '../../src/webhook/certificates/in-cluster-profile.js';
import { admissionMetrics, certificateMetrics } from '../../src/webhook/metrics.js';
import { nodeReportRouter } from '../../src/webhook/admission/node-reports.js';
import { RequesterKeys } from '../../src/webhook/certificates/requester-keys.js';
import { rightsOf } from '../../src/webhook/admission/rights.js';
import { publishRegistration } from '../../src/webhook/admission/registration.js';
import { awaitNamed, clusterSource } from '../../src/webhook/instancetypes/cluster-source.js';
import { instancetypeRouter } from '../../src/webhook/instancetypes/router.js';
import { VolumeLabels } from '../../src/webhook/instancetypes/volume-labels.js';
import { PolicyJudge } from '../../src/webhook/policies/policy-judge.js';
import { policyObserver } from '../../src/webhook/policies/policy-observer.js';
import { PolicyWatch } from '../../src/webhook/policies/policy-watch.js';
import { policyWriteMetrics } from '../../src/webhook/policies/metrics.js';
import { policyRights } from '../../src/webhook/policies/rights.js';
import { policyRouter } from '../../src/webhook/policies/router.js';
import { KubePolicyStore } from '../../src/webhook/policies/store.js';
import { createServer, secureContextOf } from '../../src/webhook/server.js';
import { ANNOUNCE_MS, drain } from '../../src/webhook/shutdown.js';
import type { AgentCredentials } from '../../src/webhook/subresources/agent-client.js';
import { attachConsole } from '../../src/webhook/subresources/console-upgrade.js';
import { KubeStore } from '../../src/webhook/subresources/kube-store.js';
import { RequestHeaderSource } from '../../src/webhook/subresources/request-header-source.js';
import { subresourceRouter, type SubresourceDependencies } from '../../src/webhook/subresources/router.js';
import type { Flags } from './flags.js';
import { listen, termination } from './serve.js';

const agentCredentials = (state: CertificateState | undefined): AgentCredentials | undefined =>
  state?.leaves.agentClient && { ...state.leaves.agentClient, ca: bundleOf(state) };

/**
 * A permission that was revoked is accepted for so much longer; for a user who applies fifty VMs the API server is
 * asked once.
 */
const BELIEVED_FOR_MS = 10_000;
/** How long a replica that starts waits for what VMs may name. */
const NAMED_PATIENCE_MS = 30_000;

/** Admission and the aggregated API in a cluster. Resolves after SIGTERM. */
export const runInCluster = async (flags: Flags, logger: Logger): Promise<void> => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  watchProcessErrors(logger, registry);
  watchLoop(registry, logger);
  await serveLiveness({ listen: flags.livenessListen, log: logger });
  const client = await programClient(flags.kubeconfig, { userAgent: 'virt-webhook', log: logger });
  const minor = await serverMinor(client);
  const watchMetrics = informerMetrics(registry);
  const settings = new SettingsWatch(client, {
    namespace: flags.namespace,
    architecture: buildInfo.architecture,
    log: logger,
    metrics: watchMetrics,
  });
  settings.start();
  const policies = new PolicyWatch(client, { log: logger, metrics: watchMetrics });
  policies.start();
  const instancetypes = new InstancetypeWatch(
    (options) => new Informer(client, { ...options, log: logger, metrics: watchMetrics }),
  );
  const volumes = new VolumeLabels(client, { log: logger, metrics: watchMetrics, clock: systemClock });
  const named = clusterSource(instancetypes, volumes);
  instancetypes.start();
  volumes.start();
  const evictions = new KubeEvictionStore(client, { log: logger, metrics: watchMetrics });
  const agentPods = new AgentPods(client, flags.namespace, { log: logger, metrics: watchMetrics });
  /** Made only when the first certificate is there; certificates change later too. */
  const running: { server?: Server } = {};
  let stopping = false;

  const frontProxy = new RequestHeaderSource(
    client,
    () => {
      useCertificates();
      // A peer is verified once per connection. Connections that were opened before are opened again, and verified by
      // this CA.
      running.server?.closeIdleConnections();
    },
    logger,
  );
  const keeper = new CertificateKeeper({
    store: new SecretCertificateStore(client, flags.namespace),
    profiles: clusterProfiles(flags.namespace),
    clock: systemClock,
    logger,
    apply: async (state) => {
      useCertificates();
      await publishAgentCa(client, flags.namespace, state);
      await publishRegistration(client, {
        bundle: bundleOf(state),
        pathOf: (path) => registeredPath(state, path, systemClock.now()),
        minor,
      });
    },
  });
  const agentCertificates = new AgentCertificates({
    client,
    agentPods,
    installNamespace: flags.namespace,
    authorities: () => keeper.state?.authorities ?? [],
    clock: systemClock,
    log: logger,
    metrics: watchMetrics,
  });
  /** Our certificate, and whom we believe as front proxy: either may change while we serve. */
  const useCertificates = () => {
    const serving = keeper.state?.leaves.serving;
    if (serving) running.server?.setSecureContext(secureContextOf(serving, frontProxy.current?.clientCa));
  };

  const { leaves } = await keeper.start();
  if (leaves.serving === undefined) throw new Error('no certificate was made');
  frontProxy.start();
  agentPods.start();
  agentCertificates.start();
  const requesters = new RequesterKeys({ client, namespace: flags.namespace, clock: systemClock, logger });
  await requesters.start();
  // Readiness does not wait for these: admission of VMs needs nothing of them.
  evictions.start();
  certificateMetrics(registry, () => (timeLeft(keeper.state?.leaves.serving, Date.now()) ?? Number.NaN) / 1000);

  const callers = new ApiServerCallers({
    state: () => keeper.state,
    requestHeaders: () => frontProxy.current,
    clock: systemClock,
    stranger: () => keeper.applyAgain(),
  });
  const subresources: SubresourceDependencies = {
    store: new KubeStore(client, flags.namespace),
    requestHeaders: () => frontProxy.current,
    agentCredentials: () => agentCredentials(keeper.state),
    expansion: () => ({ config: settings.current, instancetypes: named }),
    build: buildInfo,
    logger,
  };
  // A cluster may lack their definitions; VMs that name none are admitted there all the same.
  const patience = Date.now() + NAMED_PATIENCE_MS;
  const notReady = (): string | undefined => {
    if (stopping) return 'shutting down';
    if (!settings.hasSynced) return 'the KubeVirt object has not been read yet';
    if (policies.notReady !== undefined) return policies.notReady;
    if (Date.now() < patience && !(instancetypes.hasSynced && volumes.hasSynced))
      return 'instance types, preferences and the labels of volumes have not been read yet';
    if (!agentPods.hasSynced) return 'the pods of the agents have not been read yet';
    if (!keeper.published) return 'the CA to trust has not been published to the API server yet';
    return isDying(keeper.state?.leaves.serving, Date.now())
      ? 'the certificate ends soon and was not renewed'
      : undefined;
  };
  const metrics = admissionMetrics(registry);
  const recorder = new EventRecorder(client, {
    component: 'virt-webhook',
    log: logger,
    metrics: eventMetrics(registry),
  });
  const clusterStrategy = () => settings.current.evictionStrategy;
  const server = createServer({
    admission: {
      context: () => ({
        config: settings.current,
        newUuid: () => madeUpUuid(randomUUID()),
        now: () => new Date().toISOString(),
        installNamespace: flags.namespace,
        settingsObject: settings.objectName,
        nodeOfPod: agentPods.nodeOf,
        instancetypes: named,
        recordRequester: requesters.record,
        asksForRights: true,
        atApply: true,
      }),
      settle: (request) => awaitNamed(request, named, systemClock),
      checkRights: rightsOf(new AccessReviews({ client, believedForMs: BELIEVED_FOR_MS })),
      isFromApiServer: (request) => callers.fromApiServer(request),
      policies: new PolicyJudge({
        store: policies,
        client,
        installNamespace: flags.namespace,
        config: () => settings.current,
        pausedUntil: () => settings.policiesPausedUntil,
        observer: policyObserver({ registry, store: policies, recorder, clock: systemClock }),
        clock: systemClock,
        log: logger,
      }),
      metrics,
      logger,
    },
    callers,
    evictions: evictionRouter({
      store: evictions,
      fromApiServer: (request) => callers.fromApiServer(request),
      clusterStrategy,
      metrics,
      logger,
    }),
    nodeReports: nodeReportRouter({
      nodeOfPod: agentPods.nodeOf,
      installNamespace: flags.namespace,
      metrics,
      logger,
    }),
    instancetypes: instancetypeRouter({ metrics, logger }),
    policies: policyRouter({
      store: new KubePolicyStore(client),
      // Never believed for a while: who loosens a policy is rare, and is asked about.
      askRight: policyRights(new AccessReviews({ client })),
      now: Date.now,
      isFromApiServer: (request) => callers.fromApiServer(request),
      recorder,
      writes: policyWriteMetrics(registry),
      metrics,
      logger,
    }),
    subresources: subresourceRouter(subresources),
    tls: leaves.serving,
    health: { notReady },
    registry,
  });
  running.server = server;
  useCertificates();
  const consoles = attachConsole(server, subresources);
  logger.info({ address: await listen(server, flags.listen) }, 'serving');
  await termination();
  await drain({
    server,
    logger,
    clock: systemClock,
    announceMs: flags.shutdownDelay === undefined ? ANNOUNCE_MS : flags.shutdownDelay * 1000,
    announce: () => {
      stopping = true;
    },
    release: () => {
      consoles.close();
      keeper.stop();
      requesters.stop();
      frontProxy.stop();
      void settings.stop();
      void evictions.stop();
      void policies.stop();
      void instancetypes.stop();
      void volumes.stop();
      void agentPods.stop();
      void agentCertificates.stop();
    },
  });
  await recorder.flush();
  client.close();
};
