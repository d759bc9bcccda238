import type { VirtualMachine } from '../../api/schema/kinds.js';
import { VM_SUBRESOURCES, type VmSubresource } from '../../agent-api/subresources.js';
import { parseOptions } from './options.js';
import type { RequestTarget } from './request-path.js';
import { checkRestartOptions, decideRestart, decideStart, decideStop } from './state-change.js';
import type { StateChange } from './state-change-patches.js';
import { notFound } from '../../agent-api/status-error.js';
import { ChangedMeanwhile, type ClusterStore } from './store.js';

/* start, stop and restart: read, decide, patch (docs/reference/control.md §4). */

const send = async (store: ClusterStore, target: RequestTarget, changes: readonly StateChange[], dryRun: boolean) => {
  const undos: StateChange[] = [];
  try {
    for (const change of changes) {
      await store.patch(change.target, target.namespace, target.name, change.operations, dryRun);
      if (change.undo && !dryRun) undos.unshift({ target: change.target, operations: change.undo });
    }
  } catch (error) {
    for (const { target: object, operations } of undos) {
      // Best effort: the first error is the one that the caller must see.
      await store.patch(object, target.namespace, target.name, operations, false).catch(() => undefined);
    }
    throw error;
  }
};

/** Times that a request is decided again because its VM changed between the read and the write. */
const MAX_DECISIONS = 5;

/** Another VMI than the one that was decided on is there: the controller made it meanwhile. */
const hasCome = async (store: ClusterStore, { namespace, name }: RequestTarget, before: Vmi): Promise<boolean> => {
  const now = await store.virtualMachineInstance(namespace, name);
  return now !== undefined && now.metadata?.uid !== before?.metadata?.uid;
};

/**
 * Carries out one request. Where the VM changed meanwhile (the controller writes its status just after it was made),
 * the caller's wish is decided on what is there now.
 * @throws StatusError 400 for the body, 404 for the VM, 409 where its state does not allow the change
 */
export const changeState = async (
  store: ClusterStore,
  target: RequestTarget,
  action: VmSubresource,
  body: string,
): Promise<void> => {
  const { decide, dryRun } = READERS[action](body);
  for (let decisions = 1; ; decisions += 1) {
    const [vm, vmi] = await Promise.all([
      store.virtualMachine(target.namespace, target.name),
      store.virtualMachineInstance(target.namespace, target.name),
    ]);
    if (vm === undefined) throw notFound('virtualmachines', target.name);
    try {
      const changes = decide(vm, vmi);
      await send(store, target, changes, dryRun);
      const isOvertaken =
        !dryRun && changes.some(({ cancelsStart }) => cancelsStart) && (await hasCome(store, target, vmi));
      if (!isOvertaken || decisions === MAX_DECISIONS) return;
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || decisions === MAX_DECISIONS) throw error;
    }
  }
};

type Vmi = Parameters<typeof decideStart>[1];

interface LifecycleRequest {
  readonly decide: (vm: VirtualMachine, vmi: Vmi) => StateChange[];
  readonly dryRun: boolean;
}

const withOptions = <O extends { readonly dryRun?: readonly string[] }>(
  options: O,
  decide: (vm: VirtualMachine, vmi: Vmi, options: O) => StateChange[],
): LifecycleRequest => ({
  decide: (vm, vmi) => decide(vm, vmi, options),
  dryRun: (options.dryRun?.length ?? 0) > 0,
});

/** What a body asks for. @throws StatusError 400 */
const READERS: Readonly<Record<VmSubresource, (body: string) => LifecycleRequest>> = {
  start: (body) => withOptions(parseOptions(body, VM_SUBRESOURCES.start.options), decideStart),
  stop: (body) => withOptions(parseOptions(body, VM_SUBRESOURCES.stop.options), decideStop),
  restart: (body) => {
    const options = parseOptions(body, VM_SUBRESOURCES.restart.options);
    checkRestartOptions(options);
    return withOptions(options, decideRestart);
  },
};
