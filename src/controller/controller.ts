import { Label } from '../api/names.js';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import type { Architecture } from '../api/settings/cluster-config.js';
import type { VirtNode } from '../api/virt-node/virt-node.js';
import { AccessReviews } from '../kube/client/access-review.js';
import type { KubeClient } from '../kube/client/client.js';
import { type Clock, systemClock } from '../kube/clock.js';
import { type EventMetrics, EventRecorder } from '../kube/events.js';
import { Informer, type InformerMetrics, type InformerOptions } from '../kube/watch/informer.js';
import type { Log } from '../kube/program/log.js';
import {
  nodePath,
  podPath,
  pvcPath,
  resourceQuotaPath,
  virtNodePath,
  vmiPath,
  vmirsPath,
  vmPath,
} from '../kube/client/resources.js';
import { InstancetypeWatch } from '../kube/watch/instancetype-watch.js';
import { SettingsWatch } from '../kube/watch/settings-watch.js';
import {
  type KubernetesObject,
  type Node,
  objectKey,
  type PersistentVolumeClaim,
  type Pod,
  type ResourceQuota,
} from '../kube/types.js';
import { WorkQueue, type WorkQueueMetrics } from '../kube/work/work-queue.js';
import { claimKeys } from './vmi/claims.js';
import type { ControllerContext, ControllerSettings } from './context.js';
import { Index } from './indices.js';
import { Superseded } from './superseded.js';
import { DataVolumeApi } from './data-volumes/api.js';
import { TemplateAuthorizer } from './data-volumes/authorization.js';
import { IMPORTER } from './data-volumes/importer-pod.js';
import { DataVolumeReconciler } from './data-volumes/reconciler.js';
import type { ControllerMetrics } from './metrics.js';
import { NodeLabelReconciler } from './node/node-labels.js';
import { leavingEndingNamespaces } from './ending-namespace.js';
import { ReplicaSetReconciler } from './replica-set/reconciler.js';
import { slimClaim, slimNode, type SlimPod, slimPod, slimQuota } from './cache-transforms.js';
import { NodeRoom } from './vmi/node-room.js';
import { VirtualMachineInstanceReconciler } from './vmi/reconciler.js';
import { matcherKeys } from './vm/instancetypes.js';
import { VirtualMachineReconciler } from './vm/reconciler.js';
import { type Informers, WakeUps } from './wake-ups.js';

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
  private readonly informers: Informers;
  /** The cluster's settings as they are now. */
  readonly clusterSettings: SettingsWatch;
  private readonly dataVolumes: DataVolumeApi;
  /** Importer pods: their changes wake their DataVolumes. */
  private readonly importers: Informer<Pod>;
  /** What the agents report of their nodes. */
  private readonly reports: Informer<VirtNode>;
  /** Instance types, preferences, and what VMs keep of them. */
  readonly instancetypes: InstancetypeWatch;
  private readonly queues: Record<'vms' | 'vmis' | 'replicaSets' | 'dataVolumes' | 'nodes', WorkQueue>;
  private readonly wakeUps: WakeUps;

  constructor(private readonly options: ControllerOptions) {
    const { client, namespace, settings, log } = options;
    const clock = options.clock ?? systemClock;
    const metrics = options.metrics?.events;
    this.recorder = new EventRecorder(client, { component: 'virt-controller', log, clock, metrics });
    this.informers = {
      vms: this.informer<VirtualMachine>({
        path: vmPath(),
        indices: { [Index.template]: templateKeys, [Index.instancetype]: matcherKeys },
      }),
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
      nodes: this.informer<Node>({ path: nodePath(), transform: slimNode }),
      claims: this.informer<PersistentVolumeClaim>({ path: pvcPath(), transform: slimClaim }),
      quotas: this.informer<ResourceQuota>({ path: resourceQuotaPath(), transform: slimQuota }),
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
      changed: (dataVolume) => this.wakeUps.wakeDataVolume(dataVolume),
      gone: (dataVolume) => context.superseded.forget(dataVolume),
      providerChanged: () => this.wakeUps.wakeAllStorage(),
    });
    this.instancetypes = new InstancetypeWatch((informerOptions) => this.informer(informerOptions));
    const context: ControllerContext = {
      client,
      recorder: this.recorder,
      caches: this.informers,
      dataVolumes: this.dataVolumes,
      instancetypes: this.instancetypes,
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
      nodeRoom: new NodeRoom({ client, nodes: this.informers.nodes, clock }),
    };
    for (const informer of [this.informers.vms, this.informers.vmis, this.informers.replicaSets]) {
      informer.on('delete', (object: KubernetesObject) => context.superseded.forget(object));
    }
    const queue = (name: string, reconciler: { reconcile: WorkQueueHandler }): WorkQueue =>
      new WorkQueue({
        name,
        handler: leavingEndingNamespaces((key) => reconciler.reconcile(key)),
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
    this.wakeUps = new WakeUps({
      informers: this.informers,
      importers: this.importers,
      reports: this.reports,
      settings: this.clusterSettings,
      dataVolumes: this.dataVolumes,
      instancetypes: this.instancetypes,
      queues: this.queues,
      controllerMetrics: options.metrics?.controller,
    });
    this.wakeUps.listen();
    options.metrics?.controller.watch({
      vms: () => this.informers.vms.list(),
      vmis: () => this.informers.vmis.list(),
      nodes: () => this.informers.nodes.list(),
      report: (name) => this.reports.get(name),
    });
  }

  /** Fills the caches; also on a standby, so that it can take over at once. */
  startCaches(): Promise<void> {
    const all: Pick<Informer<Pod>, 'start' | 'synced'>[] = [
      ...Object.values({ ...this.informers }),
      this.importers,
      this.reports,
      this.clusterSettings,
    ];
    for (const informer of all) informer.start();
    // Not waited for: without the kinds, VMs that name none of them run all the same.
    this.instancetypes.start();
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
      ...Object.values({ ...this.informers }),
      this.importers,
      this.reports,
      this.clusterSettings,
      this.dataVolumes,
      this.instancetypes,
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
}

/** For an index: `namespace/name` of each DataVolume that a VM's templates describe. */
const templateKeys = ({ metadata, spec }: VirtualMachine): string[] =>
  (spec.dataVolumeTemplates ?? []).map((template) => `${metadata?.namespace ?? ''}/${template.metadata?.name ?? ''}`);

type WorkQueueHandler = (key: string) => Promise<{ requeueAfterMs?: number | undefined } | undefined>;
