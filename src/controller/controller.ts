import { phaseOf } from '../api/vmi/phase.js';
import type { Architecture } from '../api/settings/cluster-config.js';
import { Label } from '../api/names.js';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import type { VirtNode } from '../api/virt-node/virt-node.js';
import { AccessReviews } from '../kube/client/access-review.js';
import type { KubeClient } from '../kube/client/client.js';
import { type Clock, systemClock } from '../kube/clock.js';
import { type EventMetrics, EventRecorder } from '../kube/events.js';
import { Informer, type InformerMetrics, type InformerOptions } from '../kube/watch/informer.js';
import type { Log } from '../kube/program/log.js';
import { nodePath, podPath, pvcPath, virtNodePath, vmiPath, vmirsPath, vmPath } from '../kube/client/resources.js';
import { SettingsWatch } from '../kube/watch/settings-watch.js';
import { type KubernetesObject, type Node, objectKey, type PersistentVolumeClaim, type Pod } from '../kube/types.js';
import { WorkQueue, type WorkQueueMetrics } from '../kube/work/work-queue.js';
import { claimKeys } from './vmi/claims.js';
import { type ControllerContext, type ControllerSettings, Index, Superseded } from './context.js';
import { DataVolumeApi } from './data-volumes/api.js';
import { TemplateAuthorizer } from './data-volumes/authorization.js';
import { IMPORTER } from './data-volumes/importer-pod.js';
import { DataVolumeReconciler } from './data-volumes/reconciler.js';
import type { DataVolume } from '../api/schema/datavolume.js';
import type { ControllerMetrics } from './metrics.js';
import { NodeLabelReconciler } from './node/node-labels.js';
import { ownerKey } from './owner-key.js';
import { ReplicaSetReconciler } from './replica-set/reconciler.js';
import { slimClaim, type SlimPod, slimPod } from './cache-transforms.js';
import { VirtualMachineInstanceReconciler } from './vmi/reconciler.js';
import { VirtualMachineReconciler } from './vm/reconciler.js';

export interface ControllerOptions {
  client: KubeClient;
  settings: ControllerSettings;
  /** Where the KubeVirt object lives. */
  namespace: string;
  log: Log;
  clock?: Clock;
  /** Of a cluster whose KubeVirt object does not say. */
  architecture: Architecture;
  workers?: number;
  metrics?: {
    controller: ControllerMetrics;
    informer: InformerMetrics;
    queue: WorkQueueMetrics;
    events: EventMetrics;
  };
}

/** Enough that one slow API call holds nobody up; the API server sees at most so many writes at once per kind. */
const WORKERS = 10;

/** Informers, queues and reconcilers of virt-controller, wired. */
export class Controller {
  readonly recorder: EventRecorder;
  private readonly informers: {
    vms: Informer<VirtualMachine>;
    vmis: Informer<VirtualMachineInstance>;
    replicaSets: Informer<VirtualMachineInstanceReplicaSet>;
    pods: Informer<SlimPod>;
    nodes: Informer<Node>;
    claims: Informer<PersistentVolumeClaim>;
  };
  /** The cluster's settings as they are now. */
  private readonly clusterSettings: SettingsWatch;
  private readonly dataVolumes: DataVolumeApi;
  /** Importer pods: their changes wake their DataVolumes. */
  private readonly importers: Informer<Pod>;
  /** What the agents report of their nodes. */
  private readonly reports: Informer<VirtNode>;
  private readonly queues: Record<'vms' | 'vmis' | 'replicaSets' | 'dataVolumes' | 'nodes', WorkQueue>;

  constructor(private readonly options: ControllerOptions) {
    const { client, namespace, settings, log } = options;
    const clock = options.clock ?? systemClock;
    const metrics = options.metrics?.events;
    this.recorder = new EventRecorder(client, { component: 'virt-controller', log, clock, metrics });
    this.informers = {
      vms: this.informer<VirtualMachine>({ path: vmPath(), indices: { [Index.template]: templateKeys } }),
      vmis: this.informer<VirtualMachineInstance>({
        path: vmiPath(),
        indices: {
          [Index.owner]: (vmi) => (vmi.metadata?.ownerReferences ?? []).map(({ uid }) => uid),
          [Index.node]: (vmi) => (vmi.status?.nodeName ? [vmi.status.nodeName] : []),
          [Index.claim]: claimKeys,
          [Index.launcherPod]: (vmi) => (vmi.status?.launcherPod ? [vmi.status.launcherPod.uid] : []),
        },
      }),
      replicaSets: this.informer<VirtualMachineInstanceReplicaSet>({ path: vmirsPath() }),
      pods: this.informer<SlimPod>({
        path: podPath(),
        labelSelector: `${Label.app}=virt-launcher`,
        transform: slimPod,
      }),
      nodes: this.informer<Node>({ path: nodePath(), transform: ({ metadata }) => ({ metadata }) }),
      claims: this.informer<PersistentVolumeClaim>({ path: pvcPath(), transform: slimClaim }),
    };
    this.clusterSettings = new SettingsWatch(client, {
      namespace,
      architecture: options.architecture,
      log,
      clock,
      metrics: options.metrics?.informer,
    });
    this.importers = this.informer<Pod>({
      path: podPath(),
      labelSelector: `${Label.app}=${IMPORTER}`,
      transform: ({ metadata }) => ({ metadata }),
    });
    this.reports = this.informer<VirtNode>({ path: virtNodePath() });
    this.dataVolumes = new DataVolumeApi({
      make: (informerOptions) => this.informer(informerOptions),
      changed: (dataVolume) => this.wakeDataVolume(dataVolume),
      gone: (dataVolume) => context.superseded.forget(dataVolume),
      providerChanged: () => this.wakeAllStorage(),
    });
    const context: ControllerContext = {
      client,
      recorder: this.recorder,
      caches: this.informers,
      dataVolumes: this.dataVolumes,
      authorizer: new TemplateAuthorizer({
        client,
        // Never believed for a while: it is asked when something is made, which is rare.
        reviewer: new AccessReviews({ client, clock }),
        installNamespace: namespace,
      }),
      config: () => this.clusterSettings.current,
      settings,
      clock,
      log,
      superseded: new Superseded(clock),
    };
    for (const informer of [this.informers.vms, this.informers.vmis, this.informers.replicaSets]) {
      informer.on('delete', (object: KubernetesObject) => context.superseded.forget(object));
    }
    const queue = (name: string, reconciler: { reconcile: WorkQueueHandler }): WorkQueue =>
      new WorkQueue({
        name,
        handler: (key) => reconciler.reconcile(key),
        workers: options.workers ?? WORKERS,
        clock,
        log,
        metrics: options.metrics?.queue,
      });
    this.queues = {
      vms: queue('virt-controller-vm', new VirtualMachineReconciler(context)),
      vmis: queue('virt-controller-vmi', new VirtualMachineInstanceReconciler(context)),
      replicaSets: queue('virt-controller-replicaset', new ReplicaSetReconciler(context)),
      dataVolumes: queue('virt-controller-datavolume', new DataVolumeReconciler(context)),
      nodes: queue(
        'virt-controller-node',
        new NodeLabelReconciler({
          client,
          node: (name) => this.informers.nodes.get(name),
          report: (name) => this.reports.get(name),
          clock,
          log,
        }),
      ),
    };
    this.wire();
  }

  /** Fills the caches; also on a standby, so that it can take over at once. */
  startCaches(): Promise<void> {
    const all: Pick<Informer<Pod>, 'start' | 'synced'>[] = [
      ...Object.values(this.informers),
      this.importers,
      this.reports,
      this.clusterSettings,
    ];
    for (const informer of all) informer.start();
    return Promise.all([...all.map((informer) => informer.synced), this.dataVolumes.start()]).then(() => undefined);
  }

  /** Begins to act. Call when leading and the caches are filled. */
  startWork(): void {
    for (const vm of this.informers.vms.list()) this.queues.vms.add(objectKey(vm));
    for (const vmi of this.informers.vmis.list()) this.queues.vmis.add(objectKey(vmi));
    for (const set of this.informers.replicaSets.list()) this.queues.replicaSets.add(objectKey(set));
    for (const dataVolume of this.dataVolumes.list()) this.queues.dataVolumes.add(objectKey(dataVolume));
    for (const node of this.informers.nodes.list()) this.queues.nodes.add(objectKey(node));
    for (const queue of Object.values(this.queues)) queue.start();
  }

  /** Ends the work in progress, writes the last events, closes the watches. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.queues).map((queue) => queue.stop()));
    await this.recorder.flush();
    const informers: { stop: () => Promise<void> }[] = [
      ...Object.values(this.informers),
      this.importers,
      this.reports,
      this.clusterSettings,
      this.dataVolumes,
    ];
    await Promise.all(informers.map((informer) => informer.stop()));
  }

  /** Why it is not ready, or undefined. */
  notReady(): string | undefined {
    for (const [name, informer] of Object.entries({ ...this.informers, kubevirts: this.clusterSettings })) {
      if (!informer.hasSynced) return `the cache of ${name} is not filled: ${informer.lastError ?? 'listing'}`;
    }
    return (
      this.dataVolumes.problem && `the cache of customresourcedefinitions is not filled: ${this.dataVolumes.problem}`
    );
  }

  private informer<T extends KubernetesObject>(options: InformerOptions<T>): Informer<T> {
    const { client, log, clock, metrics } = this.options;
    return new Informer<T>(client, { ...options, log, clock, metrics: metrics?.informer });
  }

  private wire(): void {
    const { vms, vmis, replicaSets, pods, nodes, claims } = this.informers;
    const { queues } = this;
    each(vms, (vm) => {
      queues.vms.add(objectKey(vm));
      // Its VMI may wait for the VM's finalizer to be taken off by somebody.
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
      this.queues.dataVolumes.add(objectKey(claim));
    });
    each(this.importers, (pod) => {
      const key = ownerKey(pod, 'DataVolume');
      if (key !== undefined) queues.dataVolumes.add(key);
    });
    vmis.on('update', (vmi, old) => this.options.metrics?.controller.phases(vmi, old));
    each(replicaSets, (set) => queues.replicaSets.add(objectKey(set)));
    // What a pod says of its owner is a tenant's word. Before its uid is recorded, the record's own event wakes the VMI.
    each(pods, (pod) => {
      for (const vmi of vmis.byIndex(Index.launcherPod, pod.metadata?.uid ?? '')) queues.vmis.add(objectKey(vmi));
    });
    // A pod that waits for what the settings no longer ask for is made anew.
    this.clusterSettings.onChange(() => this.wakeScheduling());
    each(nodes, (node) => queues.nodes.add(objectKey(node)));
    each(this.reports, (report) => queues.nodes.add(objectKey(report)));
    // Pods wait for a seccomp profile, or were made without it.
    nodes.on('update', ({ metadata }, old) => {
      const profile = metadata?.labels?.[Label.seccompProfile];
      if (profile !== old.metadata?.labels?.[Label.seccompProfile]) this.wakeScheduling();
    });
    nodes.on('delete', (node) => {
      for (const vmi of vmis.byIndex(Index.node, node.metadata?.name ?? '')) queues.vmis.add(objectKey(vmi));
    });
  }

  /** Their pods wait for a node: what they ask for may be out of date. */
  private wakeScheduling(): void {
    const { vmis } = this.informers;
    for (const vmi of vmis.list()) if (vmi.status?.phase === 'Scheduling') this.queues.vmis.add(objectKey(vmi));
  }

  /** Whoever a DataVolume concerns: itself, the VMs with a template of its name, the VMIs that wait for it. */
  private wakeDataVolume(dataVolume: DataVolume): void {
    const key = objectKey(dataVolume);
    this.queues.dataVolumes.add(key);
    for (const vm of this.informers.vms.byIndex(Index.template, key)) this.queues.vms.add(objectKey(vm));
    const source = dataVolume.spec.source?.pvc?.name;
    this.wakeClaimants([key, ...(source ? [`${dataVolume.metadata?.namespace ?? ''}/${source}`] : [])]);
  }

  /** Other rules hold from now on for everything that has to do with DataVolumes. */
  private wakeAllStorage(): void {
    for (const vm of this.informers.vms.list())
      if (vm.spec.dataVolumeTemplates?.length) this.queues.vms.add(objectKey(vm));
    for (const vmi of this.informers.vmis.list()) if (phaseOf(vmi) === 'Pending') this.queues.vmis.add(objectKey(vmi));
    for (const dataVolume of this.dataVolumes.list()) this.queues.dataVolumes.add(objectKey(dataVolume));
  }

  /** VMIs that have no pod yet are the only ones that a claim can keep waiting. */
  private wakeClaimants(claims: readonly string[]): void {
    for (const claim of claims) {
      for (const vmi of this.informers.vmis.byIndex(Index.claim, claim)) {
        if (phaseOf(vmi) === 'Pending') this.queues.vmis.add(objectKey(vmi));
      }
    }
  }
}

/** For an index: `namespace/name` of each DataVolume that a VM's templates describe. */
const templateKeys = ({ metadata, spec }: VirtualMachine): string[] =>
  (spec.dataVolumeTemplates ?? []).map((template) => `${metadata?.namespace ?? ''}/${template.metadata?.name ?? ''}`);

type WorkQueueHandler = (key: string) => Promise<{ requeueAfterMs?: number | undefined } | undefined>;

const each = <T extends KubernetesObject>(informer: Informer<T>, handler: (object: T) => void): void => {
  informer.on('add', handler);
  informer.on('update', (object) => {
    handler(object);
  });
  informer.on('delete', handler);
};
