import type { VirtualMachine } from '../../api/schema/kinds.js';
import { parseOptions, restartOptions, startOptions, stopOptions } from './options.js';
import type { RequestTarget } from './request-path.js';
import { checkRestartOptions, decideRestart, decideStart, decideStop, type StateChange } from './state-change.js';
import { notFound } from './status-error.js';
import type { ClusterStore } from './store.js';

/** start, stop and restart: read, decide, patch (spec/control.md §4). */
export type LifecycleAction = 'start' | 'stop' | 'restart';

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

/**
 * Carries out one request.
 * @throws StatusError 400 for the body, 404 for the VM, 409 where its state does not allow the change
 */
export const changeState = async (
  store: ClusterStore,
  target: RequestTarget,
  action: LifecycleAction,
  body: string,
): Promise<void> => {
  const { decide, dryRun } = readRequest(action, body);
  const [vm, vmi] = await Promise.all([
    store.virtualMachine(target.namespace, target.name),
    store.virtualMachineInstance(target.namespace, target.name),
  ]);
  if (vm === undefined) throw notFound('virtualmachines', target.name);
  await send(store, target, decide(vm, vmi), dryRun);
};

const readRequest = (action: LifecycleAction, body: string) => {
  type Vmi = Parameters<typeof decideStart>[1];
  const withOptions = <O extends { readonly dryRun?: readonly string[] }>(
    options: O,
    decide: (vm: VirtualMachine, vmi: Vmi, options: O) => StateChange[],
  ) => ({
    decide: (vm: VirtualMachine, vmi: Vmi) => decide(vm, vmi, options),
    dryRun: (options.dryRun?.length ?? 0) > 0,
  });
  switch (action) {
    case 'start':
      return withOptions(parseOptions(body, startOptions), decideStart);
    case 'stop':
      return withOptions(parseOptions(body, stopOptions), decideStop);
    case 'restart': {
      const options = parseOptions(body, restartOptions);
      checkRestartOptions(options);
      return withOptions(options, decideRestart);
    }
  }
};
