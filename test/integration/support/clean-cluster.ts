/**
 * A cluster as it was when it was new: what a test file has written is taken out of etcd, behind the API server's back,
 * which sees it as deletions like any other. By the API server it would take a controller manager (namespaces) and
 * whoever is to take finalizers away.
 */
import { isDeepStrictEqual } from 'node:util';
import { API_VERSION, vmPath } from '../../../src/kube/client/resources.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import type { KubernetesObject } from '../../../src/kube/types.js';
import { until } from './api-server.js';
import type { Etcd } from './etcd.js';

/** What the API server keeps by itself: addresses, leases, which groups are served, its own endpoints. */
const ITS_OWN =
  /^\/registry\/(masterleases|ranges|apiregistration\.k8s\.io|leases\/kube-system|(services\/endpoints|endpointslices)\/default\/kubernetes$)/;
/** A list of it asks other programs how they are. */
const NO_OBJECTS = ['componentstatuses'];
/** What is not known by then will not be: another server is started instead. */
const PATIENCE_MS = 60_000;
const METADATA_ONLY = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' };

interface Group {
  readonly name: string;
  readonly preferredVersion: { readonly groupVersion: string };
}
interface Resources {
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

const groupsOf = async (client: KubeClient): Promise<readonly Group[]> =>
  (await client.get<{ groups: Group[] }>('/apis')).groups;

/** The path of every list there is. */
const listsOf = async (client: KubeClient): Promise<string[]> => {
  const groups = await groupsOf(client);
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const lists: string[] = [];
  for (const root of roots) {
    const { resources } = await client.get<Resources>(root);
    const listed = resources.filter(({ name, verbs }) => verbs.includes('list') && !NO_OBJECTS.includes(name));
    lists.push(...listed.map(({ name }) => `${root}/${name}`));
  }
  return lists;
};

const sameNames = (a: readonly Group[], b: readonly Group[]): boolean =>
  isDeepStrictEqual(a.map(({ name }) => name).sort(), b.map(({ name }) => name).sort());

/** Every write of a start is done: the API server makes namespaces, roles and priorities by itself. */
const settled = async (etcd: Etcd): Promise<void> => {
  for (let before = await etcd.keys(); ;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await etcd.keys();
    if (isDeepStrictEqual(before, now)) return;
    before = now;
  }
};

export class CleanCluster {
  private constructor(
    private readonly client: KubeClient,
    private readonly etcd: Etcd,
    private readonly lists: readonly string[],
    private readonly groups: readonly Group[],
    private readonly values: ReadonlyMap<string, string>,
    private readonly revisions: Map<string, string>,
  ) {}

  /** Remembers what is there now. */
  static async of(client: KubeClient, etcd: Etcd): Promise<CleanCluster> {
    await settled(etcd);
    const everything = [...(await etcd.everything())].filter(([key]) => !ITS_OWN.test(key));
    return new CleanCluster(
      client,
      etcd,
      await listsOf(client),
      await groupsOf(client),
      new Map(everything.map(([key, { value }]) => [key, value])),
      new Map(everything.map(([key, { revision }]) => [key, revision])),
    );
  }

  /** Brings it back, and waits until the API server knows. */
  async restore(): Promise<void> {
    // What was under way when the file ended may be written a moment later.
    while (await this.restoreKeys()) await this.known();
    this.client.close();
  }

  /** @returns whether anything was otherwise */
  private async restoreKeys(): Promise<boolean> {
    const now = await this.etcd.keys();
    const added = [...now.keys()].filter((key) => !this.values.has(key) && !ITS_OWN.test(key));
    await this.etcd.delete(added.toSorted((a, b) => urgency(b) - urgency(a)));
    const changed = [...this.values].filter(([key]) => now.get(key) !== this.revisions.get(key));
    for (const [key, value] of changed) this.revisions.set(key, await this.etcd.put(key, value));
    return added.length + changed.length > 0;
  }

  /**
   * Resolves when the API server knows: what its caches show is what etcd has, no group is served that was not, and
   * nobody is asked about VMs.
   */
  async known(): Promise<void> {
    await until(
      'the API server knows that all is gone',
      undefined,
      async () => {
        for (const list of this.lists) {
          const [stored, cached] = [await this.versionsOf(list, undefined), await this.versionsOf(list, '0')];
          if (!isDeepStrictEqual(stored, cached))
            throw new Error(`${list}: ${[...cached].join()} is not ${[...stored].join()}`);
        }
        if (!sameNames(await groupsOf(this.client), this.groups)) throw new Error('a group is served still');
        const metadata = { name: 'probe' };
        const spec = { runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } } };
        const vm = { apiVersion: API_VERSION, kind: 'VirtualMachine', metadata, spec };
        await this.client.create(vmPath('default'), vm, { query: { dryRun: 'All' } });
      },
      PATIENCE_MS,
    );
  }

  private async versionsOf(list: string, resourceVersion: string | undefined): Promise<ReadonlyMap<string, string>> {
    const options = { query: { resourceVersion }, headers: METADATA_ONLY };
    // An empty list of metadata alone comes as null from old servers.
    const { items } = await this.client.get<{ items: KubernetesObject[] | null }>(list, options);
    return new Map(
      (items ?? []).map(({ metadata }) => [
        `${metadata?.namespace}/${metadata?.name}`,
        metadata?.resourceVersion ?? '',
      ]),
    );
  }
}

/** First whom the API server asks about the others, definitions after the objects that they define. */
const urgency = (key: string): number => {
  if (key.includes('webhookconfigurations/')) return 1;
  return key.includes('/customresourcedefinitions/') ? -1 : 0;
};
