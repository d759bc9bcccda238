import { findCondition } from '../api/vmi/condition.js';
import { phaseOf } from '../api/vmi/phase.js';
import { Label } from '../api/names.js';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import type { VirtNode } from '../api/virt-node/virt-node.js';
import type { Informer } from '../kube/watch/informer.js';
import {
  type KubernetesObject,
  type Node,
  objectKey,
  type PersistentVolumeClaim,
  type Pod,
  type ResourceQuota,
} from '../kube/types.js';
import type { SettingsWatch } from '../kube/watch/settings-watch.js';
import type { WorkQueue } from '../kube/work/work-queue.js';
import { claimKeys } from './vmi/claims.js';
import { Index } from './indices.js';
import { hasGrown } from './quota-room.js';
import type { DataVolumeApi } from './data-volumes/api.js';
import type { DataVolume } from '../api/schema/datavolume.js';
import type { ControllerMetrics } from './metrics.js';
import { ownerKey } from './owner-key.js';
import { instancetypeKey } from './vm/instancetypes.js';
import type { InstancetypeWatch } from '../kube/watch/instancetype-watch.js';
import type { SlimPod } from './cache-transforms.js';

export interface Informers {
  vms: Informer<VirtualMachine>;
  vmis: Informer<VirtualMachineInstance>;
  replicaSets: Informer<VirtualMachineInstanceReplicaSet>;
  pods: Informer<SlimPod>;
  nodes: Informer<Node>;
  claims: Informer<PersistentVolumeClaim>;
  quotas: Informer<ResourceQuota>;
}

type Queues = Record<'vms' | 'vmis' | 'replicaSets' | 'dataVolumes' | 'nodes', Pick<WorkQueue, 'add'>>;

interface WakeUpOptions {
  informers: Informers;
  /** Importer pods: their changes wake their DataVolumes. */
  importers: Informer<Pod>;
  /** What the agents report of their nodes. */
  reports: Informer<VirtNode>;
  /** The cluster's settings. */
  settings: Pick<SettingsWatch, 'onChange'>;
  dataVolumes: Pick<DataVolumeApi, 'list'>;
  instancetypes: Pick<InstancetypeWatch, 'onObject' | 'onRevisionGone'>;
  queues: Queues;
  controllerMetrics: ControllerMetrics | undefined;
}

/** Which change puts what into the queues: an object itself, and those that wait for it. */
export class WakeUps {
  constructor(private readonly options: WakeUpOptions) {}

  /** From now on changes wake what they concern. */
  listen(): void {
    const { vms, vmis, replicaSets, pods, nodes, claims, quotas } = this.options.informers;
    const { queues, importers, reports, settings, controllerMetrics } = this.options;
    each(vms, (vm) => {
      queues.vms.add(objectKey(vm));
      // Its VMI may wait until the VM's finalizer is removed, by whatever program.
      if (vmis.get(objectKey(vm))) queues.vmis.add(objectKey(vm));
    });
    each(vmis, (vmi) => {
      queues.vmis.add(objectKey(vmi));
      // By name, owned or not: a VM waits for the name to become free.
      if (vms.get(objectKey(vmi))) queues.vms.add(objectKey(vmi));
      const set = ownerKey(vmi, 'VirtualMachineInstanceReplicaSet');
      if (set !== undefined) queues.replicaSets.add(set);
      else if (ownerKey(vmi, 'VirtualMachine') === undefined) {
        for (const free of replicaSets.list(vmi.metadata?.namespace)) queues.replicaSets.add(objectKey(free));
      }
    });
    // Others may wait for what it uses.
    const wakeOthers = (vmi: VirtualMachineInstance): void => this.wakeClaimants(claimKeys(vmi));
    vmis.on('update', wakeOthers);
    vmis.on('delete', wakeOthers);
    each(claims, (claim) => {
      this.wakeClaimants([objectKey(claim)]);
      this.options.queues.dataVolumes.add(objectKey(claim));
    });
    quotas.on('update', (quota, old) => {
      if (hasGrown(quota, old)) this.wakeRefused(quota.metadata?.namespace);
    });
    quotas.on('delete', (quota) => this.wakeRefused(quota.metadata?.namespace));
    each(importers, (pod) => {
      const key = ownerKey(pod, 'DataVolume');
      if (key !== undefined) queues.dataVolumes.add(key);
    });
    vmis.on('update', (vmi, old) => controllerMetrics?.phases(vmi, old));
    each(replicaSets, (set) => queues.replicaSets.add(objectKey(set)));
    // What a pod says of its owner is chosen by its tenant. Before its uid is recorded, the record's own event wakes
    // the VMI.
    each(pods, (pod) => {
      for (const vmi of vmis.byIndex(Index.launcherPod, pod.metadata?.uid ?? '')) queues.vmis.add(objectKey(vmi));
    });
    // A pod that waits for what the settings no longer require is replaced.
    settings.onChange(() => this.wakeScheduling());
    each(nodes, (node) => queues.nodes.add(objectKey(node)));
    each(reports, (report) => queues.nodes.add(objectKey(report)));
    // Pods wait for a seccomp profile, or were made without it.
    nodes.on('update', ({ metadata }, old) => {
      const profile = metadata?.labels?.[Label.seccompProfile];
      if (profile !== old.metadata?.labels?.[Label.seccompProfile]) this.wakeScheduling();
    });
    const { instancetypes } = this.options;
    instancetypes.onObject((kind, { metadata }) => {
      const key = instancetypeKey(kind, metadata?.namespace, metadata?.name);
      for (const vm of vms.byIndex(Index.instancetype, key)) queues.vms.add(objectKey(vm));
    });
    instancetypes.onRevisionGone((revision) => {
      const key = ownerKey(revision, 'VirtualMachine');
      if (key !== undefined) queues.vms.add(key);
    });
    nodes.on('delete', (node) => {
      for (const vmi of vmis.byIndex(Index.node, node.metadata?.name ?? '')) queues.vmis.add(objectKey(vmi));
    });
  }

  /** Their pods were refused for the namespace's quota, in which there is more room now. */
  private wakeRefused(namespace: string | undefined): void {
    for (const vmi of this.options.informers.vmis.list(namespace))
      if (
        phaseOf(vmi) === 'Pending' &&
        findCondition(vmi.status?.conditions, 'Synchronized')?.reason === 'QuotaExceeded'
      )
        this.options.queues.vmis.add(objectKey(vmi));
  }

  /** Their pods wait for a node: what they ask for may be out of date. */
  private wakeScheduling(): void {
    const { vmis } = this.options.informers;
    for (const vmi of vmis.list()) if (vmi.status?.phase === 'Scheduling') this.options.queues.vmis.add(objectKey(vmi));
  }

  /** All that a DataVolume concerns: itself, the VMs with a template of its name, the VMIs that wait for it. */
  wakeDataVolume(dataVolume: DataVolume): void {
    const key = objectKey(dataVolume);
    this.options.queues.dataVolumes.add(key);
    for (const vm of this.options.informers.vms.byIndex(Index.template, key))
      this.options.queues.vms.add(objectKey(vm));
    const source = dataVolume.spec.source?.pvc?.name;
    this.wakeClaimants([key, ...(source ? [`${dataVolume.metadata?.namespace ?? ''}/${source}`] : [])]);
  }

  /** Other rules hold from now on for everything that has to do with DataVolumes. */
  wakeAllStorage(): void {
    for (const vm of this.options.informers.vms.list())
      if (vm.spec.dataVolumeTemplates?.length) this.options.queues.vms.add(objectKey(vm));
    for (const vmi of this.options.informers.vmis.list())
      if (phaseOf(vmi) === 'Pending') this.options.queues.vmis.add(objectKey(vmi));
    for (const dataVolume of this.options.dataVolumes.list())
      this.options.queues.dataVolumes.add(objectKey(dataVolume));
  }

  /** VMIs that have no pod yet are the only ones that a claim can keep waiting. */
  private wakeClaimants(claims: readonly string[]): void {
    for (const claim of claims) {
      for (const vmi of this.options.informers.vmis.byIndex(Index.claim, claim)) {
        if (phaseOf(vmi) === 'Pending') this.options.queues.vmis.add(objectKey(vmi));
      }
    }
  }
}

const each = <T extends KubernetesObject>(informer: Informer<T>, handler: (object: T) => void): void => {
  informer.on('add', handler);
  informer.on('update', (object) => {
    handler(object);
  });
  informer.on('delete', handler);
};
