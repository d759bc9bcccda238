/**
 * The API server, asked in this process: a kubectl costs a third of a second of CPU each time. Where a test shows what
 * a user sees, it runs kubectl itself.
 */
import { subresourcePath } from '../../../cmd/kubectl-virt/paths.js';
import { GROUP } from '../../../src/api/names.js';
import { isAlreadyExists } from '../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { clientFor } from '../../../src/kube/client/connect.js';
import { ifFound } from '../../../src/kube/client/if-found.js';
import {
  configMapPath,
  controllerRevisionPath,
  daemonSetPath,
  dataVolumePath,
  deploymentPath,
  eventPath,
  kubevirtPath,
  namespacePath,
  nodePath,
  persistentVolumePath,
  podPath,
  pvcPath,
  resourcePath,
  secretPath,
  servicePath,
  storageClassPath,
  vmPath,
  vmiPath,
} from '../../../src/kube/client/resources.js';
import type { KubernetesObject } from '../../../src/kube/types.js';

type Path = (namespace?: string, name?: string) => string;
const clusterWide =
  (path: (name?: string) => string): Path =>
  (_namespace, name) =>
    path(name);

/** By the names that tests use for them. */
const PATHS = {
  configmap: configMapPath,
  controllerrevision: controllerRevisionPath,
  daemonset: daemonSetPath,
  datavolume: dataVolumePath,
  deployment: deploymentPath,
  endpoints: (namespace, name) => resourcePath({ group: '', version: 'v1', resource: 'endpoints', namespace, name }),
  event: eventPath,
  kubevirt: kubevirtPath,
  namespace: clusterWide(namespacePath),
  node: clusterWide(nodePath),
  persistentvolume: clusterWide(persistentVolumePath),
  persistentvolumeclaim: pvcPath,
  pod: podPath,
  secret: secretPath,
  service: servicePath,
  serviceaccount: (namespace, name) =>
    resourcePath({ group: '', version: 'v1', resource: 'serviceaccounts', namespace, name }),
  storageclass: clusterWide(storageClassPath),
  vm: vmPath,
  vmi: vmiPath,
} satisfies Record<string, Path>;
export type Kind = keyof typeof PATHS;
const pathOf = (kind: Kind): Path => PATHS[kind];

/** `kind` of an object that a test makes. */
const KINDS: Readonly<Record<string, Kind>> = {
  ConfigMap: 'configmap',
  DataVolume: 'datavolume',
  Namespace: 'namespace',
  PersistentVolume: 'persistentvolume',
  PersistentVolumeClaim: 'persistentvolumeclaim',
  Pod: 'pod',
  Secret: 'secret',
  Service: 'service',
  ServiceAccount: 'serviceaccount',
  StorageClass: 'storageclass',
  VirtualMachine: 'vm',
  VirtualMachineInstance: 'vmi',
};

let shared: Promise<KubeClient> | undefined;
/** One per process: its connections are kept open. */
export const api = (): Promise<KubeClient> => (shared ??= clientFor({}));

/** An object, or undefined when there is none. */
export const get = async <T>(namespace: string, kind: Kind, name: string): Promise<T | undefined> =>
  ifFound((await api()).get<T>(pathOf(kind)(namespace, name)));

/** All of a kind in the namespace; in all namespaces where it is undefined. */
export const list = async <T>(namespace: string | undefined, kind: Kind, labelSelector?: string): Promise<T[]> =>
  (await (await api()).list<T>(pathOf(kind)(namespace), { query: { labelSelector } })).items;

/** Makes the object, or changes the one that is there to what is said here. */
export const apply = async (object: object): Promise<void> => {
  const { apiVersion = '', kind = '', metadata } = object as KubernetesObject;
  const pathOfKind = pathOf(KINDS[kind] ?? unknownKind(kind));
  // An object of an older version goes to that version's path.
  const path = (...at: Parameters<typeof pathOfKind>): string =>
    pathOfKind(...at).replace(`/apis/${GROUP}/v1/`, `/apis/${apiVersion}/`);
  const client = await api();
  try {
    await client.create(path(metadata?.namespace), object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await client.patch(path(metadata?.namespace, metadata?.name), object, 'merge');
  }
};

const unknownKind = (kind: string): never => {
  throw new Error(`${kind}: name it in ${import.meta.filename}`);
};

export const patch = async (namespace: string, kind: Kind, name: string, change: object): Promise<void> => {
  await (await api()).patch(pathOf(kind)(namespace, name), change, 'merge');
};

/** Asks for the deletion, without waiting for it; one that does not exist is deleted. */
export const remove = async (namespace: string, kind: Kind, ...names: readonly string[]): Promise<void> => {
  const client = await api();
  // As kubectl deletes: what hangs on it goes by itself.
  const options = { propagationPolicy: 'Background' } as const;
  await Promise.all(names.map((name) => ifFound(client.delete(pathOf(kind)(namespace, name), options))));
};

/** Resets a guest's machine, as its reset button would. */
export const reset = async (namespace: string, name: string): Promise<void> => {
  const path = subresourcePath('vmi', namespace, name, 'reset');
  await (await api()).update(path, {});
};
