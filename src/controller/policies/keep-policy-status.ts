import type { PolicyResourceKind } from '../../api/policy/policy-kinds.js';
import { errorMessage, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { policyPath } from '../../kube/client/resources.js';
import { sleep, type Clock } from '../../kube/clock.js';
import type { EventRecorder } from '../../kube/events.js';
import type { Log } from '../../kube/program/log.js';
import { objectKey, type KubernetesObject } from '../../kube/types.js';
import { Informer, type InformerMetrics } from '../../kube/watch/informer.js';
import { WorkQueue, type WorkQueueMetrics } from '../../kube/work/work-queue.js';
import type { PolicyFleetMetrics } from './metrics.js';
import type { StoredException, StoredPolicy } from './reconciler.js';

export interface PolicyStatusOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch' | 'patch'>;
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly clock: Clock;
  readonly log: Log;
  /** The annotation of a pause for all, and who is told when it changes. */
  readonly pausedUntil: () => string | undefined;
  readonly onSettings: (listener: () => void) => void;
  readonly metrics: {
    readonly informer: InformerMetrics;
    readonly queue: WorkQueueMetrics;
    readonly policies: PolicyFleetMetrics;
  };
}

/** An installation that was updated without its CRDs gets them some time. */
const LOOK_AGAIN_MS = 60_000;

const isServed = async ({ client, log }: PolicyStatusOptions, said: boolean): Promise<boolean> => {
  try {
    await client.list<KubernetesObject>(policyPath('VirtualMachinePolicyException'), { query: { limit: 1 } });
    return true;
  } catch (error) {
    if (!isNotFound(error)) log.warn({ error: errorMessage(error) }, 'policies could not be listed');
    else if (!said) log.warn({}, 'the kinds of policies are not installed: apply manifests/crds to use policies');
    return false;
  }
};

/** Where a kind's objects are, and what is done with their keys. */
interface Kept<T extends KubernetesObject> {
  readonly informer: Informer<T>;
  readonly queue: WorkQueue;
}

/**
 * Keeps the status of policies and exceptions while this replica leads. Waits until their kinds are served; what
 * compiles them is loaded then.
 */
export const keepPolicyStatus = async (options: PolicyStatusOptions, signal: AbortSignal): Promise<void> => {
  const { client, clock, log, metrics, recorder, pausedUntil } = options;
  for (let said = false; !signal.aborted && !(await isServed(options, said)); said = true)
    await sleep(clock, LOOK_AGAIN_MS, signal);
  if (signal.aborted) return;
  const { PolicyReconciler, naming } = await import('./reconciler.js');
  const reconciler = new PolicyReconciler({
    client,
    recorder,
    clock,
    pausedUntil,
    policy: (kind, key): StoredPolicy | undefined =>
      (kind === 'VirtualMachineClusterPolicy' ? cluster : namespaced).informer.get(key),
    exception: (key): StoredException | undefined => exceptions.informer.get(key),
  });
  const keep = <T extends KubernetesObject>(kind: PolicyResourceKind, handler: WorkQueueHandler): Kept<T> => {
    const { informer, queue } = metrics;
    return {
      informer: new Informer<T>(client, { path: policyPath(kind), clock, log, metrics: informer }),
      queue: new WorkQueue({
        name: `virt-controller-${kind.toLowerCase()}`,
        handler,
        workers: 1,
        clock,
        log,
        metrics: queue,
      }),
    };
  };
  const cluster: Kept<StoredPolicy> = keep('VirtualMachineClusterPolicy', (key) =>
    reconciler.reconcilePolicy('VirtualMachineClusterPolicy', key),
  );
  const namespaced: Kept<StoredPolicy> = keep('VirtualMachinePolicy', (key) =>
    reconciler.reconcilePolicy('VirtualMachinePolicy', key),
  );
  const exceptions: Kept<StoredException> = keep('VirtualMachinePolicyException', (key) =>
    reconciler.reconcileException(key),
  );
  const each = <T extends KubernetesObject>({ informer, queue }: Kept<T>, changed: (object: T) => void): void => {
    informer.on('add', changed);
    informer.on('delete', changed);
    informer.on('update', (object, old) => {
      // Our own status is no change.
      if (object.metadata?.generation === old.metadata?.generation) queue.add(objectKey(object));
      else changed(object);
    });
  };
  for (const [kind, kept] of [
    ['VirtualMachineClusterPolicy', cluster],
    ['VirtualMachinePolicy', namespaced],
  ] as const)
    each(kept, (policy) => {
      kept.queue.add(objectKey(policy));
      for (const key of naming(exceptions.informer.list(), kind, policy)) exceptions.queue.add(key);
    });
  each(exceptions, (exception) => exceptions.queue.add(objectKey(exception)));
  let paused = pausedUntil();
  options.onSettings(() => {
    if (signal.aborted || paused === pausedUntil()) return;
    paused = pausedUntil();
    for (const { informer, queue } of [cluster, namespaced])
      for (const policy of informer.list()) queue.add(objectKey(policy));
  });
  metrics.policies.watch({
    policies: () => [...cluster.informer.list(), ...namespaced.informer.list()],
    exceptions: () => exceptions.informer.list(),
    now: () => clock.now(),
  });
  const all = [cluster, namespaced, exceptions];
  for (const { informer } of all) informer.start();
  await Promise.all(all.map(({ informer }) => informer.synced));
  // An exception is judged by policies that must have been read.
  for (const { queue } of all) queue.start();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.all(all.flatMap(({ informer, queue }) => [queue.stop(), informer.stop()]));
};

type WorkQueueHandler = (key: string) => Promise<{ requeueAfterMs?: number | undefined } | undefined>;
