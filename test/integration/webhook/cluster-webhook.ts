import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { INSTALL_NAMESPACE, KUBEVIRT_OBJECT_NAME } from '../../../src/api/names.js';
import { isNotFound } from '../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import {
  API_VERSION,
  kubevirtPath,
  mutatingWebhookPath,
  namespacePath,
  servicePath,
  validatingWebhookPath,
} from '../../../src/kube/client/resources.js';
import { buildPrograms, builtCommand } from '../../support/built-program.js';
import { freePort } from '../../support/free-ports.js';
import {
  type ApiServerOptions,
  installCrds,
  startApiServer,
  type TestApiServer,
  until,
} from '../support/api-server.js';
import { sharedApiServer } from '../support/shared-api-server.js';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

interface WebhookConfiguration {
  readonly kind: string;
  readonly webhooks: { clientConfig: { service: { port: number }; caBundle?: string } }[];
}

/** The configurations of manifests/, but for the port: the API server reaches the program on this machine. */
const configurations = (port: number): WebhookConfiguration[] =>
  parseAllDocuments(readFileSync(join(REPOSITORY, 'manifests', 'admission.yaml'), 'utf8')).map((document) => {
    const configuration = document.toJS() as WebhookConfiguration;
    for (const { clientConfig } of configuration.webhooks) clientConfig.service.port = port;
    return configuration;
  });

/**
 * The name under which the program writes in a cluster, which admission knows; a user's writes to a status do not
 * count.
 */
const writeOwnKubeconfig = async (server: TestApiServer): Promise<string> => {
  const account = `CN=system:serviceaccount:${INSTALL_NAMESPACE}:virt-webhook, O=system:masters`;
  const { certificate, key } = await server.ca.issue(account);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const cluster = { server: server.url, 'certificate-authority-data': base64(server.ca.certificate) };
  const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
  const file = join(server.directory, 'virt-webhook.kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'virt-webhook', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'virt-webhook' } }],
    'current-context': 'test',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
};

/**
 * A real API server with our CRDs and webhook configurations, and virt-webhook as in a cluster: it makes its
 * certificates, publishes their CA and follows the KubeVirt object.
 */
export class ClusterWebhook {
  log = '';
  private child: ChildProcess;

  private constructor(
    readonly server: TestApiServer,
    readonly client: KubeClient,
    /** Where the program listens on this machine. */
    readonly port: number,
    private readonly flags: readonly string[],
  ) {
    this.child = this.spawned();
  }

  private spawned(): ChildProcess {
    const child = spawn(...builtCommand('virt-webhook', this.flags), { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (this.log += text.toString()));
    }
    return child;
  }

  /**
   * @param prepare makes what has to be there before the webhook starts. @returns its kubeconfig; absent: one of its
   * own account's
   */
  static async start(
    prepare?: (client: KubeClient, server: TestApiServer) => Promise<string | undefined>,
    options: Pick<ApiServerOptions, 'auditPolicy'> = {},
  ): Promise<ClusterWebhook> {
    buildPrograms('virt-webhook');
    // One with an audit log is nobody else's.
    const server = options.auditPolicy === undefined ? await sharedApiServer() : await startApiServer(options);
    const client = await server.client();
    if (options.auditPolicy !== undefined) await installCrds(client);
    const port = await freePort();
    await client.create(namespacePath(), { metadata: { name: INSTALL_NAMESPACE } });
    await client.create(servicePath(INSTALL_NAMESPACE), {
      metadata: { name: 'virt-webhook' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
    const kubeconfig = (await prepare?.(client, server)) ?? (await writeOwnKubeconfig(server));
    const flags = ['--listen', `127.0.0.1:${port}`, '--kubeconfig', kubeconfig];
    // Configured before it starts: it publishes its CA where it finds a configuration.
    for (const configuration of configurations(port)) {
      const path = configuration.kind.startsWith('Mutating') ? mutatingWebhookPath() : validatingWebhookPath();
      await client.create(path, configuration);
    }
    return new ClusterWebhook(server, client, port, flags);
  }

  /** Writes the cluster's settings and waits until `isKnown`, which asks the webhook by way of the API server. */
  async configure(configuration: object, isKnown: () => Promise<boolean>): Promise<void> {
    const path = kubevirtPath(INSTALL_NAMESPACE, KUBEVIRT_OBJECT_NAME);
    const object = {
      apiVersion: API_VERSION,
      kind: 'KubeVirt',
      metadata: { name: KUBEVIRT_OBJECT_NAME },
      spec: { configuration },
    };
    await until('the settings are written', undefined, async () => {
      try {
        const old = await this.client.get<KubeVirt>(path);
        await this.client.update(path, { ...object, metadata: old.metadata ?? {} });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        await this.client.create(kubevirtPath(INSTALL_NAMESPACE), object);
      }
    });
    await until('virt-webhook knows the settings', this.server.directory, async () => {
      if (!(await isKnown())) throw new Error(`not yet; its log:\n${this.log}`);
    });
  }

  /** Ends the program; the API server goes on. */
  async kill(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  /** Starts it again after {@link kill}. */
  restart(): void {
    this.child = this.spawned();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    this.client.close();
    await this.server.stop();
  }
}
