import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { INSTANCETYPE_RESOURCES } from '../../../src/api/instancetype/instancetype-kinds.js';
import type { Access } from '../../../src/api/access/access.js';
import type { DataVolume } from '../../../src/api/schema/datavolume.js';
import { claimKeys } from '../../../src/controller/vmi/claims.js';
import type { DataVolumeProvider } from '../../../src/controller/data-volumes/api.js';
import { TemplateAuthorizer } from '../../../src/controller/data-volumes/authorization.js';
import type { Caches, ControllerContext, DataVolumes } from '../../../src/controller/context.js';
import { Superseded } from '../../../src/controller/superseded.js';
import { ApiError } from '../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { silentLog } from '../../../src/kube/program/log.js';
import { sameValue } from '../../../src/kube/client/patch.js';
import { type IndexFunction, Store } from '../../../src/kube/watch/store.js';
import { slimPod } from '../../../src/controller/cache-transforms.js';
import type { KubernetesObject, Pod } from '../../../src/kube/types.js';
import { requireAdmitted } from '../admission/own-write.js';
import { FakeClock } from '../kube/fake-clock.js';

type Stored = KubernetesObject & { status?: object; spec?: object };

const error = (code: number, reason: string, message = reason): ApiError => new ApiError({ code, reason, message });

/** `/apis/group/v1/namespaces/ns/kind/name/sub` or the core group's form. */
const parse = (path: string): { kind: string; namespace: string; name: string; sub: string } => {
  const match =
    /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/[^/]))?\/([^/]+)(?:\/([^/]+))?(?:\/(.+))?$/.exec(
      path,
    );
  if (!match) throw new Error(`path ${path}`);
  const [, namespace = '', kind = '', name = '', sub = ''] = match;
  return { kind, namespace, name, sub };
};

const merge = (target: unknown, patch: unknown): unknown => {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return structuredClone(patch);
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch as Record<string, unknown>)) {
    if (value === undefined) continue;
    result[key] = value === null ? undefined : merge(result[key], value);
  }
  return JSON.parse(JSON.stringify(result)) as unknown;
};

/**
 * An API server in memory: resource versions, uids, preconditions, finalizers, status subresource of VMs and sets, our
 * own admission. Its caches show what {@link sync} last copied, so that a test decides how late they are.
 */
export class FakeApi {
  readonly objects = new Map<string, Stored>();
  writes: string[] = [];
  events: { type: string; reason: string; message: string }[] = [];
  /** Throws instead of the next call whose "METHOD path" contains the text. */
  failures: { call: string; error: Error; after?: boolean }[] = [];
  /** Every pod that was ever created, by the uid of its VMI. */
  readonly podsOf = new Map<string, string[]>();
  readonly clock = new FakeClock();
  /** Who serves DataVolumes, and those that the cache shows. */
  readonly dataVolumes: DataVolumes & { provider: DataVolumeProvider } = {
    provider: 'none',
    list: () => structuredClone(this.all('datavolumes')) as unknown as DataVolume[],
    get: (key) => structuredClone(this.objects.get(`datavolumes/${key}`)) as DataVolume | undefined,
  };
  readonly caches: { [K in keyof Caches]: Store<never> };
  readonly context: ControllerContext;
  /** Answers reviews. */
  allows: (user: string, access: Access) => boolean = () => false;
  /** ControllerRevisions that the cache shows. */
  private readonly seenRevisions = new Map<string, Stored>();
  private version = 100;
  private uids = 0;

  constructor() {
    const indices: Record<string, Record<string, IndexFunction<KubernetesObject>>> = {
      vmis: {
        owner: (vmi) => (vmi.metadata?.ownerReferences ?? []).map(({ uid }) => uid),
        node: () => [],
        claim: claimKeys as never,
      },
    };
    const names = ['vms', 'vmis', 'replicaSets', 'pods', 'nodes', 'claims'] as const;
    this.caches = Object.fromEntries(names.map((name) => [name, new Store(indices[name])])) as never;
    const config = resolveClusterConfig();
    this.context = {
      client: this.client,
      recorder: { event: (_object, type, reason, message) => this.events.push({ type, reason, message }) },
      caches: this.caches,
      dataVolumes: this.dataVolumes,
      instancetypes: {
        object: (kind, namespace, name) => {
          const { plural, isNamespaced } = INSTANCETYPE_RESOURCES[kind];
          return this.objects.get(`${plural}/${isNamespaced ? namespace : ''}/${name}`);
        },
        revision: (namespace, name) => this.seenRevisions.get(`${namespace}/${name}`),
        revisionsOf: (uid) =>
          [...this.seenRevisions.values()].filter(({ metadata }) =>
            metadata?.ownerReferences?.some((owner) => owner.uid === uid),
          ),
        volume: () => undefined,
        isComplete: true,
        hasSynced: true,
      },
      authorizer: new TemplateAuthorizer({
        client: this.client,
        reviewer: { isAllowed: (user, access) => Promise.resolve(this.allows(user.username, access)) },
        installNamespace: 'kubevirt',
      }),
      config: () => config,
      settings: { launcherImage: 'launcher:test' },
      clock: this.clock,
      log: silentLog,
      superseded: new Superseded(this.clock),
      nodeRoom: { describe: () => Promise.resolve('room is known') },
    };
    this.put('namespaces', { metadata: { name: 'ns' } });
    this.put('nodes', { metadata: { name: 'node-a' } });
  }

  /** The caches catch up: all of them, or the ones that are named. */
  sync(...kinds: string[]): void {
    const map = {
      virtualmachines: 'vms',
      virtualmachineinstances: 'vmis',
      virtualmachineinstancereplicasets: 'replicaSets',
      pods: 'pods',
      nodes: 'nodes',
      persistentvolumeclaims: 'claims',
    } as const;
    if (kinds.length === 0 || kinds.includes('controllerrevisions')) {
      this.seenRevisions.clear();
      for (const [key, object] of this.objects)
        if (key.startsWith('controllerrevisions/')) this.seenRevisions.set(key.slice(20), structuredClone(object));
    }
    for (const [kind, cache] of Object.entries(map)) {
      if (kinds.length > 0 && !kinds.includes(kind)) continue;
      const store = this.caches[cache] as unknown as Store<KubernetesObject>;
      for (const key of store.keys()) store.delete(key);
      for (const [key, object] of this.objects) {
        if (!key.startsWith(`${kind}/`)) continue;
        store.set(kind === 'pods' ? slimPod(structuredClone(object) as Pod) : structuredClone(object));
      }
    }
  }

  put(kind: string, object: Stored): Stored {
    const { namespace = '', name = '' } = object.metadata ?? {};
    const stored = structuredClone(object);
    stored.metadata = {
      uid: `uid-${++this.uids}`,
      generation: 1,
      ...stored.metadata,
      resourceVersion: String(++this.version),
    };
    stored.metadata.creationTimestamp ??= new Date(this.clock.now()).toISOString();
    this.objects.set(`${kind}/${namespace}/${name}`, stored);
    return stored;
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the kind
  get<T extends Stored>(kind: string, name: string): T | undefined {
    return this.objects.get(`${kind}/ns/${name}`) as T | undefined;
  }

  all<T extends Stored>(kind: string): T[] {
    return [...this.objects].filter(([key]) => key.startsWith(`${kind}/`)).map(([, object]) => object as T);
  }

  /** As a user or another program: a merge patch without precondition. */
  change(kind: string, name: string, patch: object): void {
    const key = `${kind}/ns/${name}`;
    this.store(key, merge(this.objects.get(key), patch) as Stored);
  }

  remove(kind: string, name: string): void {
    const key = `${kind}/ns/${name}`;
    const object = this.objects.get(key);
    if (!object) return;
    const { phase } = (object.status ?? {}) as { phase?: string };
    const hasEnded = phase === 'Succeeded' || phase === 'Failed';
    // Kubelet lets a pod go in its own time, an ended one goes at once; objects with finalizers stay too.
    if ((kind === 'pods' && !hasEnded) || (object.metadata?.finalizers ?? []).length > 0) {
      const deletionTimestamp = object.metadata?.deletionTimestamp ?? new Date(this.clock.now()).toISOString();
      this.store(key, { ...object, metadata: { ...object.metadata, deletionTimestamp } });
    } else this.objects.delete(key);
  }

  /** The pod's processes have ended: it is really gone. */
  reap(name: string): void {
    this.objects.delete(`pods/ns/${name}`);
  }

  private store(key: string, object: Stored): Stored {
    const { deletionTimestamp, finalizers = [] } = object.metadata ?? {};
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.version) } };
    if (deletionTimestamp !== undefined && finalizers.length === 0 && !key.startsWith('pods/'))
      this.objects.delete(key);
    else this.objects.set(key, stored);
    return stored;
  }

  private get client(): ControllerContext['client'] {
    const call = async <T>(method: string, path: string, run: () => T): Promise<T> => {
      const index = this.failures.findIndex((failure) => `${method} ${path}`.includes(failure.call));
      const failure = index < 0 ? undefined : this.failures.splice(index, 1)[0];
      if (failure && failure.after !== true) throw failure.error;
      const result = await Promise.resolve(run());
      // The write happened, its answer was lost.
      if (failure) throw failure.error;
      return structuredClone(result);
    };
    const client = {
      get: (path: string) => call('GET', path, () => this.read(path)),
      list: (path: string, options?: { query?: { labelSelector?: string } }) =>
        call('LIST', path, () => this.select(path, options?.query?.labelSelector)),
      create: (path: string, body: Stored) => call('POST', path, () => this.insert(path, body)),
      patch: (path: string, patch: Stored) => call('PATCH', path, () => this.update(path, patch)),
      delete: (path: string, options: { uid?: string } = {}) =>
        call('DELETE', path, () => this.erase(path, options.uid)),
    };
    return client as unknown as Pick<KubeClient, 'get' | 'list' | 'create' | 'patch' | 'delete'>;
  }

  private key(path: string): string {
    const { kind, namespace, name } = parse(path);
    return `${kind}/${namespace}/${name}`;
  }

  private read(path: string): Stored {
    const object = this.objects.get(this.key(path));
    if (!object) throw error(404, 'NotFound', `${path} not found`);
    return object;
  }

  private select(path: string, labelSelector = ''): { items: Stored[] } {
    const { kind, namespace } = parse(path);
    const [label = '', value] = labelSelector.split('=');
    const items = this.all(kind).filter(
      ({ metadata }) =>
        metadata?.namespace === namespace && (labelSelector === '' || metadata.labels?.[label] === value),
    );
    return { items };
  }

  private insert(path: string, body: Stored): Stored {
    const { kind, namespace } = parse(path);
    const name = body.metadata?.name ?? `${body.metadata?.generateName ?? ''}${this.uids}`;
    if (this.objects.has(`${kind}/${namespace}/${name}`))
      throw error(409, 'AlreadyExists', `${kind} ${name} already exists`);
    requireAdmitted({ program: 'virt-controller', resource: kind, object: body });
    this.writes.push(`POST ${kind}`);
    const stored = this.put(kind, { ...body, metadata: { ...body.metadata, name, namespace } });
    if (kind === 'pods') {
      const vmi = body.metadata?.labels?.['kubevirt.io/created-by'] ?? '';
      this.podsOf.set(vmi, [...(this.podsOf.get(vmi) ?? []), name]);
    }
    return stored;
  }

  private update(path: string, patch: Stored): Stored {
    const { kind, sub } = parse(path);
    const old = this.read(path);
    const expected = patch.metadata?.resourceVersion;
    if (expected !== undefined && expected !== old.metadata?.resourceVersion) throw error(409, 'Conflict');
    this.writes.push(`PATCH ${kind}${sub === '' ? '' : `/${sub}`}`);
    const merged = merge(old, patch) as Stored;
    const separate = kind !== 'virtualmachineinstances';
    const next = !separate
      ? merged
      : sub === 'status'
        ? { ...old, status: merged.status }
        : { ...merged, status: old.status };
    if (sameValue(next, old)) return old;
    requireAdmitted({ program: 'virt-controller', resource: kind, subResource: sub, object: next, oldObject: old });
    const changed = separate && !sameValue(next.spec, old.spec);
    if (changed) next.metadata = { ...next.metadata, generation: (old.metadata?.generation ?? 1) + 1 };
    return this.store(this.key(path), next);
  }

  private erase(path: string, uid: string | undefined): Stored {
    const object = this.read(path);
    if (uid !== undefined && uid !== object.metadata?.uid) throw error(409, 'Conflict');
    const { kind, name } = parse(path);
    this.writes.push(`DELETE ${kind}`);
    this.remove(kind, name);
    return object;
  }
}
