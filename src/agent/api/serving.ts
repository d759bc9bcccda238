import { AGENT_CA_CONFIG_MAP } from '../../agent-api/identity.js';
import type { KubeClient } from '../../kube/client/client.js';
import { systemClock } from '../../kube/clock.js';
import { Informer } from '../../kube/watch/informer.js';
import type { ListenAddress } from '../../kube/http-server/listen.js';
import type { Log } from '../../kube/program/log.js';
import { configMapPath } from '../../kube/client/resources.js';
import type { KubernetesObject } from '../../kube/types.js';
import type { Agent } from '../agent.js';
import { NodeCertificate } from '../node/node-certificate.js';
import { AgentServer } from './server.js';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface ServingOptions {
  readonly client: KubeClient;
  readonly agent: Pick<Agent, 'vms' | 'consoles' | 'forwards'>;
  readonly node: string;
  /** Ours, where the CAs are published. */
  readonly namespace: string;
  readonly address: ListenAddress;
  readonly log: Log;
}

export interface Serving {
  /** Why nobody is served yet, or undefined. */
  readonly notReady: () => string | undefined;
  /** Rejects when the port cannot be listened on. */
  readonly failed: Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * The server of streams and state changes, from the first certificate on; later ones are taken into use without a
 * restart.
 */
export const serveStreams = ({ client, agent, node, namespace, address, log }: ServingOptions): Serving => {
  let server: AgentServer | undefined;
  let listening = false;
  const authorities = new Informer<ConfigMap>(client, {
    path: configMapPath(namespace),
    fieldSelector: `metadata.name=${AGENT_CA_CONFIG_MAP}`,
    log,
  });
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<void>((_, reject) => (fail = reject));
  const certificate = new NodeCertificate({
    client,
    node,
    ca: () => authorities.get(`${namespace}/${AGENT_CA_CONFIG_MAP}`)?.data?.['ca.crt'],
    clock: systemClock,
    log,
    changed: (tls) => {
      if (server !== undefined) {
        server.setCertificates(tls);
        return;
      }
      server = new AgentServer({ tls, vms: agent.vms, consoles: agent.consoles, forwards: agent.forwards, log });
      server.listen(address).then((port) => {
        listening = true;
        log.info({ port }, 'serving consoles');
      }, fail);
    },
  });
  for (const event of ['add', 'update'] as const) authorities.on(event, () => certificate.check());
  authorities.start();
  certificate.start();
  return {
    notReady: () => certificate.notReady() ?? (listening ? undefined : 'the port for consoles is not open yet'),
    failed,
    stop: async () => {
      await Promise.all([certificate.stop(), authorities.stop(), server?.close()]);
    },
  };
};
