import type { KubeVirtStatus } from '../../api/schema/kubevirt.js';
import { findCondition, withCondition, type ConditionContent } from '../../api/vmi/condition.js';
import type { KubernetesObject } from '../../kube/types.js';

/** What is read of a Deployment or DaemonSet; each kind has other names for the same numbers. */
export interface Workload extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

/** One of our programs as it is installed; `workload` undefined: it is not. */
export interface Program {
  readonly name: string;
  readonly kind: 'Deployment' | 'DaemonSet';
  readonly workload: Workload | undefined;
}

interface Readiness {
  readonly wanted: number;
  readonly updated: number;
  readonly ready: number;
  readonly isUpdating: boolean;
}

const readinessOf = ({ kind, workload }: Program): Readiness | undefined => {
  if (workload === undefined) return undefined;
  const { metadata, spec, status = {} } = workload;
  const isDeployment = kind === 'Deployment';
  const wanted = isDeployment ? (spec?.replicas ?? 1) : (status.desiredNumberScheduled ?? 0);
  const updated = (isDeployment ? status.updatedReplicas : status.updatedNumberScheduled) ?? 0;
  const ready = (isDeployment ? status.readyReplicas : status.numberReady) ?? 0;
  const isObserved = (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  return { wanted, updated, ready, isUpdating: !isObserved || updated < wanted };
};

const READY: Pick<ConditionContent, 'reason' | 'message'> = {
  reason: 'AllComponentsReady',
  message: 'All components are ready.',
};

/**
 * Phase and conditions of the KubeVirt object, with the words that scripts wait for (`kubectl wait kv kubevirt --for
 * condition=Available`). Available: each program has a ready pod, so VMs can be admitted, placed and started somewhere.
 * Progressing: one of them is being rolled out. Degraded: pods are missing of one that is not. Source: the reference's
 * operator, pkg/virt-operator/util/conditions.go.
 * @param now RFC 3339
 */
export const installationStatus = (
  before: KubeVirtStatus,
  programs: readonly Program[],
  { version, generation, now }: { readonly version: string; readonly generation: number; readonly now: string },
): KubeVirtStatus => {
  const states = programs.map((program) => ({ program, readiness: readinessOf(program) }));
  const describe = ({ program: { kind, name }, readiness }: (typeof states)[number]): string =>
    readiness === undefined
      ? `${kind} ${name} does not exist`
      : `${kind} ${name} has ${readiness.ready} of ${readiness.wanted} pods ready`;
  const naming = (of: typeof states): string => `${of.map(describe).join('; ')}.`;

  const down = states.filter(({ readiness }) => (readiness?.ready ?? 0) === 0);
  const updating = states.filter(({ readiness }) => readiness?.isUpdating === true);
  const lacking = states.filter(
    ({ readiness }) => readiness === undefined || (!readiness.isUpdating && readiness.ready < readiness.wanted),
  );
  const contents: ConditionContent[] = [
    down.length === 0
      ? { type: 'Available', status: 'True', ...READY }
      : { type: 'Available', status: 'False', reason: 'ComponentsNotReady', message: naming(down) },
    updating.length === 0
      ? { type: 'Progressing', status: 'False', ...READY }
      : { type: 'Progressing', status: 'True', reason: 'DeploymentInProgress', message: naming(updating) },
    lacking.length === 0
      ? { type: 'Degraded', status: 'False', ...READY }
      : { type: 'Degraded', status: 'True', reason: 'ComponentsNotReady', message: naming(lacking) },
  ];
  const isDeployed = down.length === 0 && updating.length === 0;
  return {
    ...before,
    phase: isDeployed ? 'Deployed' : 'Deploying',
    conditions: contents.reduce((list, content) => withCondition(list, content, now), before.conditions ?? []),
    observedGeneration: generation,
    operatorVersion: version,
    targetKubeVirtVersion: version,
    // What runs is the target once all of it runs.
    ...(isDeployed ? { observedKubeVirtVersion: version } : {}),
  };
};

/** Whether nothing is under way that will change the status soon. */
export const isSettled = (status: KubeVirtStatus): boolean =>
  status.phase === 'Deployed' && findCondition(status.conditions, 'Degraded')?.status === 'False';
