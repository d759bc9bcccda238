import { isTrue } from '../../api/vmi/condition.js';
import { hasBeenRunning, isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import { Finalizer } from '../../api/names.js';
import { effectiveRunStrategy, type RunStrategy } from '../../api/vmi/run-strategy.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Interface } from '../../api/schema/networks.js';
import type {
  DataVolumeTemplateSpec,
  VirtualMachineStartFailure,
  VirtualMachineStateChangeRequest,
  VirtualMachineTermination,
} from '../../api/schema/virtualmachine.js';
import type { EventType } from '../../kube/events.js';
import { type VmStorage, vmStorage, type VmStorageView } from '../data-volumes/vm-storage.js';
import { isChangedSince, nextTermination, terminationEvents } from './last-termination.js';
import { decideRun, isUnexplained, type RunDecision } from './run-strategy-decision.js';
import { nextStartFailure, startDelayLeft } from './start-failure.js';
import { pendingRequests, withoutStaleStart } from './state-change-requests.js';
import { vmiIsSettling } from './status.js';

/** Everything that a decision about a VM depends on. */
export interface VmView {
  vm: VirtualMachine;
  /** The VMI of the VM's name that belongs to this VM. */
  vmi: VirtualMachineInstance | undefined;
  /** A VMI of the VM's name that does not. */
  foreign: boolean;
  storage: VmStorageView;
  /** Why its instance type or preference keeps it from starting. */
  unsized?: { reason: string; message: string } | undefined;
  /** What of the template differs from its VMI that lives; undefined: nothing (`restart-required.ts`). */
  restart?: string | undefined;
  /** The cards that its VMI is to have; undefined: those that it has. */
  cards?: readonly Interface[] | undefined;
  /** Milliseconds since 1970. */
  now: number;
  /** Uniform in [0, 1). */
  chance: number;
}

export type VmStep =
  | { do: 'createDataVolume'; template: DataVolumeTemplateSpec }
  | { do: 'addFinalizer' }
  | { do: 'removeFinalizer' }
  | { do: 'create'; paused: boolean }
  | { do: 'delete'; vmi: VirtualMachineInstance }
  /** Write the status first: a queued Start must survive us between it and the delete, the reason of an end too. */
  | { do: 'saveStatus' }
  | { do: 'becomeAlways' }
  /** Plug and pull cables of the guest that runs. */
  | { do: 'changeCards'; vmi: VirtualMachineInstance; cards: readonly Interface[] }
  /** Take the VM's finalizer off a VMI whose end has been seen. */
  | { do: 'release'; vmi: VirtualMachineInstance };

export interface VmPlan {
  strategy: RunStrategy;
  /** `status.stateChangeRequests` afterwards. */
  requests: readonly VirtualMachineStateChangeRequest[];
  startFailure: VirtualMachineStartFailure | undefined;
  /** `status.lastTermination` afterwards. */
  lastTermination: VirtualMachineTermination | undefined;
  /** In this order; each at most one API write. */
  steps: VmStep[];
  /** The VM should run and has no VMI yet. */
  startPending: boolean;
  /** Of the DataVolumes that its templates describe. */
  storage: VmStorage['status'];
  events: { type: EventType; reason: string; message: string }[];
  /** Why a start that is due does not happen. */
  blocked?: { reason: string; message: string };
  /** The status is about to be outdated by a change that is under way: do not write it now. */
  settling: boolean;
  requeueAfterMs?: number;
}

/** kubectl delete --cascade=orphan: the VMI is to survive its VM. */
const ORPHAN_FINALIZER = 'orphan';

/** What to do about a VM. Pure. */
export const decideVm = (view: VmView): VmPlan => {
  const { vm, vmi, now } = view;
  const strategy = effectiveRunStrategy(vm.spec);
  const requests = withoutStaleStart(pendingRequests(vm.status?.stateChangeRequests, vmi), strategy, vmi);
  const startFailure = nextStartFailure(vm.status?.startFailure, vmi, strategy, now, view.chance);
  const lastTermination = nextTermination(vm.status?.lastTermination, vmi);
  const plan: VmPlan = {
    strategy,
    requests,
    startFailure,
    lastTermination,
    steps: release(vmi),
    startPending: false,
    storage: undefined,
    events: terminationEvents(vm.status?.lastTermination, lastTermination),
    settling: vmiIsSettling(vmi) || awaitsReason(strategy, vmi),
  };
  if (isDeleting(vm)) return { ...plan, steps: [...plan.steps, ...deletion(vm, vmi)] };
  const run = decideRun({ strategy, recorded: vm.status?.runStrategy, requests, vmi });
  const starting = run.action === 'start' || (vmi !== undefined && !isFinal(vmi));
  const storage = vmStorage(vm, view.storage, starting);
  // Its preference may say of what class they are.
  const templates = view.unsized === undefined ? storage.create : [];
  const create = templates.map((template): VmStep => ({ do: 'createDataVolume', template }));
  const events = [...plan.events, ...storage.events];
  return withRun({ ...plan, steps: [...plan.steps, ...create], storage: storage.status, events }, run, view, storage);
};

/** Whether its end is the guest's own wish is about to be written: until then nobody knows if it is Stopped. */
const awaitsReason = (strategy: RunStrategy, vmi: VirtualMachineInstance | undefined): boolean =>
  strategy === 'RerunOnFailure' &&
  vmi !== undefined &&
  phaseOf(vmi) === 'Succeeded' &&
  !isDeleting(vmi) &&
  isUnexplained(vmi);

/** How it ended is written down first: with our finalizer it may be gone. */
const release = (vmi: VirtualMachineInstance | undefined): VmStep[] =>
  vmi && isDeleting(vmi) && isFinal(vmi) && vmi.metadata?.finalizers?.includes(Finalizer.vm)
    ? [{ do: 'saveStatus' }, { do: 'release', vmi }]
    : [];

const deletion = (vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): VmStep[] => {
  const finalizers = vm.metadata?.finalizers ?? [];
  const orphan = finalizers.includes(ORPHAN_FINALIZER);
  if (vmi && !orphan) return isDeleting(vmi) ? [] : [{ do: 'delete', vmi }];
  return finalizers.includes(Finalizer.vm) ? [{ do: 'removeFinalizer' }] : [];
};

const withRun = (plan: VmPlan, run: RunDecision, view: VmView, storage: VmStorage): VmPlan => {
  const { vm, vmi } = view;
  const steps = [...plan.steps];
  if (run.becomeAlways) return { ...plan, steps: [...steps, { do: 'becomeAlways' }] };
  if (run.action === 'stop' && vmi) {
    if (run.queueStart !== true) return { ...plan, steps: [...steps, { do: 'delete', vmi }] };
    const requests = [...plan.requests, { action: 'Start' }];
    return { ...plan, requests, steps: [...steps, { do: 'saveStatus' }, { do: 'delete', vmi }] };
  }
  const again = vmi && view.restart !== undefined ? replacement(plan, vmi) : [];
  if (vmi && again.length > 0) {
    const message = `Nothing of it ran yet, so it is made again at once: ${view.restart ?? ''}`;
    const events = [...plan.events, { type: 'Normal' as const, reason: 'TemplateChanged', message }];
    const requests = [...plan.requests.filter(({ action }) => action !== 'Start'), ...again];
    return { ...plan, events, requests, steps: [...steps, { do: 'saveStatus' }, { do: 'delete', vmi }] };
  }
  if (run.action !== 'start') {
    if (vmi && view.cards) return { ...plan, steps: [...steps, { do: 'changeCards', vmi, cards: view.cards }] };
    const idle = view.unsized ?? storage.blocked;
    return vmi || !idle ? plan : { ...plan, blocked: idle };
  }
  const blocked = startBlock(view) ?? storage.blocked;
  if (blocked) return { ...plan, startPending: true, blocked };
  // Their next change wakes us.
  if (!storage.ready) return { ...plan, startPending: true };
  const wait = run.backOff && !isChangedSince(vm) ? startDelayLeft(plan.startFailure, view.now) : 0;
  if (wait > 0) return { ...plan, startPending: true, requeueAfterMs: wait };
  if (!vm.metadata?.finalizers?.includes(Finalizer.vm)) steps.push({ do: 'addFinalizer' });
  return { ...plan, startPending: true, steps: [...steps, { do: 'create', paused: run.paused === true }] };
};

/** The start that makes a VMI again; none where its guest has run, which only a user may end. */
const replacement = ({ strategy }: VmPlan, vmi: VirtualMachineInstance): VirtualMachineStateChangeRequest[] => {
  if (isFinal(vmi) || isDeleting(vmi) || hasBeenRunning(vmi) || strategy === 'Halted') return [];
  return [{ action: 'Start', ...(vmi.spec.startStrategy === 'Paused' ? { data: { paused: 'true' } } : {}) }];
};

const startBlock = ({ vm, foreign, unsized }: VmView): VmPlan['blocked'] => {
  if (foreign) {
    const message = `a VirtualMachineInstance named ${vm.metadata?.name ?? ''} exists and does not belong to this VirtualMachine: delete it or rename one of the two`;
    return { reason: 'FailedCreate', message };
  }
  const recovery = isTrue(vm.status?.conditions, 'ManualRecoveryRequired');
  if (!recovery) return unsized;
  const message = 'the VirtualMachine needs recovery by hand: see its condition ManualRecoveryRequired';
  return { reason: 'FailedCreate', message };
};
