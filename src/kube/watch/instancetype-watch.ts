import {
  INSTANCETYPE_KINDS,
  INSTANCETYPE_RESOURCES,
  RevisionLabel,
  SHIPPED_MARK,
  type InstancetypeKind,
} from '../../api/instancetype/instancetype-kinds.js';
import { controllerRevisionPath, instancetypePath } from '../client/resources.js';
import type { KubernetesObject } from '../types.js';
import type { Informer, InformerOptions } from './informer.js';

/** An instance type or preference. */
export interface InstancetypeObject extends KubernetesObject {
  readonly spec?: unknown;
}

/** A ControllerRevision that keeps one. */
export interface InstancetypeRevision extends KubernetesObject {
  readonly data?: unknown;
}

type Make = <T extends KubernetesObject>(options: InformerOptions<T>) => Informer<T>;

/** Index of revisions by the uid of their owner. */
const OWNER = 'owner';

const markOf = (metadata: KubernetesObject['metadata']) => {
  const mark = metadata?.annotations?.[SHIPPED_MARK];
  return mark === undefined ? {} : { annotations: { [SHIPPED_MARK]: mark } };
};

const slim = ({ metadata }: KubernetesObject): Pick<KubernetesObject, 'metadata'> => ({
  metadata: {
    name: metadata?.name,
    namespace: metadata?.namespace,
    uid: metadata?.uid,
    generation: metadata?.generation,
    resourceVersion: metadata?.resourceVersion,
    deletionTimestamp: metadata?.deletionTimestamp,
    labels: metadata?.labels,
    ...markOf(metadata),
    ownerReferences: metadata?.ownerReferences,
  },
});

/** Instance types, preferences and the revisions that VMs keep of them, kept current by watches. */
export class InstancetypeWatch {
  private readonly informers: ReadonlyMap<InstancetypeKind, Informer<InstancetypeObject>>;
  private readonly revisions: Informer<InstancetypeRevision>;
  /** What is not found is not there. */
  readonly isComplete = true;

  constructor(make: Make) {
    this.informers = new Map(
      INSTANCETYPE_KINDS.map((kind) => [
        kind,
        make<InstancetypeObject>({
          path: instancetypePath(kind),
          transform: (object) => ({ ...slim(object), spec: object.spec }),
        }),
      ]),
    );
    this.revisions = make<InstancetypeRevision>({
      path: controllerRevisionPath(),
      // Deployments and DaemonSets have thousands of their own.
      labelSelector: RevisionLabel.name,
      transform: (revision) => ({ ...slim(revision), data: revision.data }),
      indices: { [OWNER]: ({ metadata }) => (metadata?.ownerReferences ?? []).map(({ uid }) => uid) },
    });
  }

  readonly object = (kind: InstancetypeKind, namespace: string, name: string): InstancetypeObject | undefined =>
    this.informers.get(kind)?.get(INSTANCETYPE_RESOURCES[kind].isNamespaced ? `${namespace}/${name}` : name);

  readonly revision = (namespace: string, name: string): InstancetypeRevision | undefined =>
    this.revisions.get(`${namespace}/${name}`);

  /** Who infers from volumes, knows them. */
  readonly volume = (): undefined => undefined;

  /** All of a kind. */
  list(kind: InstancetypeKind): InstancetypeObject[] {
    return this.informers.get(kind)?.list() ?? [];
  }

  revisionsOf(uid: string): InstancetypeRevision[] {
    return this.revisions.byIndex(OWNER, uid);
  }

  /** An object came, changed or went. */
  onObject(callback: (kind: InstancetypeKind, object: InstancetypeObject) => void): void {
    for (const [kind, informer] of this.informers) {
      informer.on('add', (object) => callback(kind, object));
      informer.on('update', (object) => callback(kind, object));
      informer.on('delete', (object) => callback(kind, object));
    }
  }

  /** A revision went. */
  onRevisionGone(callback: (revision: InstancetypeRevision) => void): void {
    this.revisions.on('delete', callback);
  }

  get hasSynced(): boolean {
    return [...this.informers.values(), this.revisions].every(({ hasSynced }) => hasSynced);
  }

  /** Resolves when everything was listed. */
  get synced(): Promise<void> {
    return Promise.all([...this.informers.values(), this.revisions].map(({ synced }) => synced)).then(() => undefined);
  }

  get lastError(): string | undefined {
    return [...this.informers.values(), this.revisions].find(({ hasSynced }) => !hasSynced)?.lastError;
  }

  start(): void {
    for (const informer of [...this.informers.values(), this.revisions]) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.informers.values(), this.revisions].map((informer) => informer.stop()));
  }
}
