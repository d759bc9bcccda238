import { CLUSTER_KINDS, SHIPPED_MARK } from '../../api/instancetype/instancetype-kinds.js';
import { shippedObjects, VENDOR, VENDOR_LABEL, type ShippedObject } from '../../instancetypes/shipped/index.js';
import { errorMessage, isAlreadyExists, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { sameValue } from '../../kube/client/patch.js';
import { instancetypePath } from '../../kube/client/resources.js';
import { sleep, type Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import type { InstancetypeObject, InstancetypeWatch } from '../../kube/watch/instancetype-watch.js';

/*
 * The instance types and preferences that come with the product (docs/instance-types.md): made where they are missing,
 * put right where they were changed, and taken away where `commonInstancetypesDeployment.enabled` is false. What has
 * their name without our vendor's label and mark is somebody else's, and is let be: a copy under another name, say.
 */

export interface ShippedSetOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch' | 'delete'>;
  readonly instancetypes: Pick<InstancetypeWatch, 'object' | 'list' | 'hasSynced' | 'onObject'>;
  readonly isEnabled: () => boolean;
  readonly onSettings: (listener: () => void) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** While the webhook starts, nothing can be made. */
const TRY_AGAIN_MS = 5_000;
const LOOK_AGAIN_MS = 300_000;
/** Changes come in crowds: the set itself is a hundred. */
const SETTLE_MS = 1_000;

const isOurs = ({ metadata }: InstancetypeObject): boolean =>
  metadata?.labels?.[VENDOR_LABEL] === VENDOR && metadata.annotations?.[SHIPPED_MARK] === metadata.name;

/** A change to make; undefined: it is as it should be. */
type Change =
  | { readonly do: 'create'; readonly object: ShippedObject }
  | { readonly do: 'replace'; readonly object: ShippedObject; readonly found: InstancetypeObject }
  | { readonly do: 'delete'; readonly kind: ShippedObject['kind']; readonly found: InstancetypeObject };

/** What is to be done so that the set is there, or is not. Pure. */
export const shippedChanges = (
  instancetypes: Pick<InstancetypeWatch, 'object' | 'list'>,
  isEnabled: boolean,
): Change[] => {
  const wanted = isEnabled ? shippedObjects() : [];
  const names = new Set(wanted.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const gone = Object.values(CLUSTER_KINDS).flatMap((kind) =>
    instancetypes
      .list(kind)
      .filter((found) => isOurs(found) && !found.metadata?.deletionTimestamp)
      .filter((found) => !names.has(`${kind}/${found.metadata?.name ?? ''}`))
      .map((found): Change => ({ do: 'delete', kind, found })),
  );
  const changed = wanted.flatMap((object): Change[] => {
    const found = instancetypes.object(object.kind, '', object.metadata.name);
    if (found === undefined) return [{ do: 'create', object }];
    if (!isOurs(found) || found.metadata?.deletionTimestamp) return [];
    const isCurrent = sameValue(found.spec, object.spec) && sameValue(found.metadata?.labels, object.metadata.labels);
    return isCurrent ? [] : [{ do: 'replace', object, found }];
  });
  return [...gone, ...changed];
};

const make = async (client: ShippedSetOptions['client'], change: Change): Promise<void> => {
  switch (change.do) {
    case 'create':
      await client.create(instancetypePath(change.object.kind), change.object);
      return;
    case 'replace': {
      const { kind, metadata, spec } = change.object;
      const path = instancetypePath(kind, undefined, metadata.name);
      // Whole: a merge would keep what somebody has added.
      await client.patch(
        path,
        [
          { op: 'test', path: '/metadata/resourceVersion', value: change.found.metadata?.resourceVersion },
          { op: 'replace', path: '/spec', value: spec },
          { op: 'replace', path: '/metadata/labels', value: metadata.labels },
        ],
        'json',
      );
      return;
    }
    case 'delete':
      await client.delete(instancetypePath(change.kind, undefined, change.found.metadata?.name), {
        uid: change.found.metadata?.uid,
      });
  }
};

/** One look. @returns whether everything is as it should be @throws what the API server answers */
export const settleShipped = async ({ client, instancetypes, isEnabled }: ShippedSetOptions): Promise<boolean> => {
  const changes = shippedChanges(instancetypes, isEnabled());
  for (const change of changes) {
    try {
      await make(client, change);
    } catch (error) {
      // Another was faster; the watch shows it.
      if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
    }
  }
  return changes.length === 0;
};

/** Keeps it so until `signal` aborts. A failure is logged, and tried again. */
export const keepShipped = async (options: ShippedSetOptions, signal: AbortSignal): Promise<void> => {
  const { instancetypes, clock, log } = options;
  let wake: () => void = () => undefined;
  options.onSettings(() => wake());
  instancetypes.onObject(() => wake());
  while (!signal.aborted) {
    let wait = TRY_AGAIN_MS;
    const woken = new AbortController();
    const stop = (): void => woken.abort();
    signal.addEventListener('abort', stop, { once: true });
    wake = stop;
    try {
      if (instancetypes.hasSynced && (await settleShipped(options))) wait = LOOK_AGAIN_MS;
    } catch (error) {
      log.warn({ error: errorMessage(error) }, 'the instance types of the product are not all there');
      await sleep(clock, TRY_AGAIN_MS, signal);
    }
    await sleep(clock, wait, woken.signal);
    signal.removeEventListener('abort', stop);
    await sleep(clock, SETTLE_MS, signal);
  }
};
