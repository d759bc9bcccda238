import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import { isAlreadyExists } from '../../../src/kube/client/api-error.js';
import { KubeClient } from '../../../src/kube/client/client.js';
import { nodePath, podPath, resourcePath } from '../../../src/kube/client/resources.js';
import type { KubernetesObject, Pod } from '../../../src/kube/types.js';
import type { TestApiServer } from '../../integration/support/api-server.js';

const MANIFESTS = join(import.meta.dirname, '..', '..', '..', 'manifests');
const PROGRAMS = ['virt-webhook', 'virt-controller', 'virt-agent'] as const;

/** Accounts and rights of our programs, as they are shipped. */
export const installRights = async (client: KubeClient): Promise<void> => {
  for (const program of PROGRAMS) {
    const text = readFileSync(join(MANIFESTS, 'rbac', `${program}.yaml`), 'utf8');
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as KubernetesObject;
      const [group = '', version = ''] = object.apiVersion?.includes('/')
        ? object.apiVersion.split('/')
        : ['', object.apiVersion];
      const path = resourcePath({
        group,
        version,
        resource: `${(object.kind ?? '').toLowerCase()}s`,
        namespace: object.metadata?.namespace,
      });
      await client.create(path, object).catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
    }
  }
};

/** A node, and the pod of its agent, as DaemonSet and scheduler would make it. */
export const addNode = async (client: KubeClient, node: string): Promise<Pod> => {
  await client.create(nodePath(), { metadata: { name: node } });
  return client.create<Pod>(podPath(INSTALL_NAMESPACE), {
    metadata: { name: `virt-agent-of-${node}`, labels: { 'kubevirt.io': 'virt-agent' } },
    spec: {
      nodeName: node,
      serviceAccountName: 'virt-agent',
      automountServiceAccountToken: false,
      containers: [{ name: 'virt-agent', image: 'control:test' }],
    },
  });
};

/** A token as kubelet asks for one. Without a pod: one that is bound to nothing. */
export const tokenOf = async (client: KubeClient, account: string, pod?: Pod): Promise<string> => {
  const path = resourcePath({
    group: '',
    version: 'v1',
    resource: 'serviceaccounts',
    namespace: INSTALL_NAMESPACE,
    name: account,
    subresource: 'token',
  });
  const { name, uid } = pod?.metadata ?? {};
  const bound = pod === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } };
  const { status } = await client.create<{ status: { token: string } }>(path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600, ...bound },
  });
  return status.token;
};

/** A kubeconfig with a token, for the API server. @returns its path */
export const kubeconfigWith = (server: TestApiServer, token: string, name: string): string => {
  const file = join(server.directory, `${name}.kubeconfig`);
  const cluster = { server: server.url, 'certificate-authority': join(server.directory, 'ca.crt') };
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
    'current-context': 'test',
  };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return file;
};

export const clientWith = (server: TestApiServer, token: string, name: string): Promise<KubeClient> =>
  KubeClient.fromDefault({ kubeconfig: kubeconfigWith(server, token, name) });
