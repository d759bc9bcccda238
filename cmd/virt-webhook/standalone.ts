import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Server } from 'node:https';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { madeUpUuid } from '../../src/api/vmi/chosen-uuid.js';
import { resolveClusterConfig } from '../../src/api/settings/cluster-config.js';
import { systemClock } from '../../src/kube/clock.js';
import { parseListen } from '../../src/kube/http-server/listen.js';
import { buildInfo } from '../../src/kube/program/build-info.js';
import { watchProcessErrors } from '../../src/kube/program/process-errors.js';
import { CertificateKeeper, MemoryCertificateStore } from '../../src/webhook/certificates/certificate-keeper.js';
import { timeLeft } from '../../src/webhook/certificates/certificate-plan.js';
import { admissionMetrics, certificateMetrics } from '../../src/webhook/metrics.js';
import { createServer, secureContextOf } from '../../src/webhook/server.js';
import { drain } from '../../src/webhook/shutdown.js';
import { standaloneProfiles } from '../../src/webhook/certificates/standalone-profile.js';
import { readKubeVirt } from './config-file.js';
import type { Flags } from './flags.js';
import { listen, termination } from './serve.js';

/** Rewrites the CA file whenever the CA changes, so that a client that runs for days can follow. */
const bundleWriter = async (
  directory: string | undefined,
): Promise<{ file: string; write: (pem: string) => Promise<void> }> => {
  const where = directory ?? (await mkdtemp(join(tmpdir(), 'virt-webhook-')));
  await mkdir(where, { recursive: true });
  const file = join(where, 'ca.crt');
  return { file, write: (pem) => writeFile(file, pem) };
};

/** Admission without a cluster: own certificate, the KubeVirt object from a file. Resolves after SIGTERM. */
export const runStandalone = async (flags: Flags, logger: Logger): Promise<void> => {
  const kubevirt = flags.config === undefined ? undefined : await readKubeVirt(flags.config);
  const config = resolveClusterConfig(kubevirt, buildInfo.architecture);
  const bundle = await bundleWriter(flags.certDir);
  const registry = new Registry();
  watchProcessErrors(logger, registry);
  /** Made only when the first certificate is there; certificates change later too. */
  const running: { server?: Server } = {};
  const keeper = new CertificateKeeper({
    store: new MemoryCertificateStore(),
    profiles: standaloneProfiles(parseListen(flags.listen).host),
    clock: systemClock,
    logger,
    apply: async (state) => {
      if (state.leaves.serving) running.server?.setSecureContext(secureContextOf(state.leaves.serving));
      await bundle.write(keeper.bundle);
    },
  });
  const { leaves } = await keeper.start();
  if (leaves.serving === undefined) throw new Error('no certificate was made');
  certificateMetrics(registry, () => (timeLeft(keeper.state?.leaves.serving, Date.now()) ?? Number.NaN) / 1000);
  let stopping = false;
  const server = createServer({
    admission: {
      context: () => ({
        config,
        newUuid: () => madeUpUuid(randomUUID()),
        now: () => new Date().toISOString(),
        installNamespace: flags.namespace,
        atApply: true,
      }),
      metrics: admissionMetrics(registry),
      logger,
    },
    tls: leaves.serving,
    health: { notReady: () => (stopping ? 'shutting down' : undefined) },
    registry,
  });
  running.server = server;
  const address = await listen(server, flags.listen);
  logger.info({ address, ca: bundle.file }, 'serving POST /mutate and POST /validate');
  const renew = () => {
    keeper.renew().catch((error: unknown) => {
      logger.error({ error }, 'certificates could not be renewed');
    });
  };
  process.on('SIGHUP', renew);
  await termination();
  const announce = () => {
    stopping = true;
  };
  await drain({
    server,
    logger,
    clock: systemClock,
    announce,
    release: () => keeper.stop(),
    // Unless configured otherwise, no client asks whether it is ready.
    announceMs: (flags.shutdownDelay ?? 0) * 1000,
  });
};
