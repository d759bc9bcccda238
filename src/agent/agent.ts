import type { Registry } from 'prom-client';
import type { Architecture } from '../api/settings/cluster-config.js';
import { labelsOf } from '../agent-api/node-report.js';
import { Label } from '../api/names.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { KubeClient } from '../kube/client/client.js';
import { systemClock, type Clock } from '../kube/clock.js';
import { EventRecorder } from '../kube/events.js';
import { Informer } from '../kube/watch/informer.js';
import { SettingsWatch } from '../kube/watch/settings-watch.js';
import type { Log } from '../kube/program/log.js';
import { eventMetrics, informerMetrics, workQueueMetrics } from '../kube/program/metrics.js';
import { vmiPath } from '../kube/client/resources.js';
import { objectKey } from '../kube/types.js';
import { WorkQueue } from '../kube/work/work-queue.js';
import { CloseCode } from '../agent-api/stream.js';
import { Consoles } from './api/console.js';
import { closeStreams, Forwards } from './api/forwards.js';
import { DownwardMetrics, wantedMetrics, type MetricsVm } from './downward-metrics/downward-metrics.js';
import { HostReader } from './downward-metrics/host.js';
import { NO_CPU_MODELS, type CpuModels } from './node/cpu-models.js';
import { machineReport, readHostCpu, type HostCpu } from './node/host-cpu.js';
import type { KvmState } from './node/kvm.js';
import { agentMetrics } from './metrics.js';
import { physicalCores } from './node/physical-cores.js';
import { readMeminfo } from './node/meminfo.js';
import type { MeasuredVm } from './vm-metrics/observer.js';
import { vmMetrics } from './vm-metrics/register.js';
import { nodeLoadMetrics } from './node/load-metrics.js';
import { NodeReporter, type NodeFacts } from './node/node-reporter.js';
import { NodeCare } from './node/node-care.js';
import { NodeState } from './node/node-state.js';
import { EvictionMetric } from './vm/eviction-metric.js';
import { isNews } from './vm/news.js';
import { CpuRates } from './vm/cpu-rates.js';
import { Reconciler } from './vm/reconciler.js';
import type { Session } from './vm/session.js';
import { SessionTable, type LauncherFactory } from './vm/session-table.js';
import { NodeVms } from './api/vm-access.js';

export interface AgentOptions {
  readonly client: KubeClient;
  readonly nodeName: string;
  /** Where the KubeVirt object is. */
  readonly namespace: string;
  /** Of this node. */
  readonly architecture: Architecture;
  readonly launcher: LauncherFactory;
  readonly kvm: KvmState;
  /** Whether the node's kubelet assigns CPUs exclusively; asked each time, because kubelet may be reconfigured. */
  readonly exclusiveCpus?: () => boolean;
  /** Absent: this machine's. */
  readonly hostCpu?: () => HostCpu;
  /**
   * Digest of the seccomp profile for launcher pods that is in kubelet's directory; asked each time, because it may be
   * removed.
   */
  readonly seccompProfile?: () => string | undefined;
  /** The CPUs that guests can have here; absent: not known. */
  readonly cpuModels?: CpuModels;
  /** The node's /sys/fs/cgroup, as the agent sees it. */
  readonly cgroups: string;
  readonly log: Log;
  readonly registry: Registry;
  readonly clock?: Clock;
}

/**
 * More than a node has VMs (kubelet takes 110 pods as it comes, a node of 500 is a large one), so that a VM never waits
 * for a worker: each worker waits for the libvirtd of its VM, which may take as long as it likes. An idle one costs
 * nothing.
 */
const WORKERS = 1024;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The agent of one node, without its servers. */
export class Agent {
  readonly consoles = new Consoles();
  readonly forwards = new Forwards();
  readonly vms: NodeVms;
  private readonly clock: Clock;
  private readonly events: EventRecorder;
  private readonly informer: Informer<VirtualMachineInstance>;
  private readonly settings: SettingsWatch;
  private readonly queue: WorkQueue;
  private readonly sessions: SessionTable;
  private readonly node: NodeState;
  private readonly reporter: NodeReporter;
  private readonly care: NodeCare;
  private readonly metrics: DownwardMetrics;
  /** Of this machine; CPUs are not added while a node runs VMs. */
  private readonly cores = physicalCores() ?? 0;
  private readonly rates: CpuRates;

  constructor(private readonly options: AgentOptions) {
    const { client, nodeName, log, registry } = options;
    this.clock = options.clock ?? systemClock;
    this.events = new EventRecorder(client, {
      component: 'virt-agent',
      host: nodeName,
      log,
      clock: this.clock,
      metrics: eventMetrics(registry),
    });
    const metrics = informerMetrics(registry);
    this.informer = new Informer<VirtualMachineInstance>(client, {
      path: vmiPath(),
      labelSelector: `${Label.nodeName}=${nodeName}`,
      transform: slim,
      log,
      clock: this.clock,
      metrics,
    });
    this.settings = new SettingsWatch(client, {
      namespace: options.namespace,
      architecture: options.architecture,
      log,
      clock: this.clock,
      metrics,
    });
    const get = (key: string): VirtualMachineInstance | undefined => this.informer.get(key);
    this.sessions = new SessionTable({
      nodeName,
      launcher: options.launcher,
      clock: this.clock,
      changed: (key, afterMs) => (afterMs > 0 ? this.queue.addAfter(key, afterMs) : this.queue.add(key)),
      released: (key) => closeStreams(this, key, CloseCode.guestStopped, `${key} was powered off`),
    });
    this.reporter = new NodeReporter({
      client,
      node: nodeName,
      facts: () => this.nodeFacts(),
      clock: this.clock,
      log,
    });
    this.node = new NodeState({
      client,
      name: nodeName,
      ownLabels: () => labelsOf(this.nodeFacts()),
      clock: this.clock,
      log,
      metrics,
    });
    this.care = new NodeCare({
      nodeName,
      node: this.node,
      reporter: () => this.reporter,
      vmis: () => this.informer.list(),
      config: () => this.settings.current,
      cgroups: options.cgroups,
      events: this.events,
      registry,
      clock: this.clock,
      log,
    });
    const reconciler = new Reconciler({
      client,
      events: this.events,
      sessions: this.sessions,
      get,
      startContext: () => this.startContext(),
      clock: this.clock,
      log,
    });
    this.queue = new WorkQueue({
      name: 'virt-agent-vm',
      handler: reconciler.handle,
      workers: WORKERS,
      clock: this.clock,
      log,
      metrics: workQueueMetrics(registry),
    });
    this.metrics = new DownwardMetrics({
      vms: () => this.metricsVms(),
      host: new HostReader(nodeName),
      clock: this.clock,
      log,
    });
    this.rates = new CpuRates(() => this.measuredVms().map(({ session }) => session), this.clock);
    const sources = { rates: this.rates, clock: this.clock };
    this.vms = new NodeVms({ get, sessions: this.sessions, events: this.events, sources, log });
    agentMetrics(registry, { node: nodeName, list: () => this.informer.list(), streams: this });
    nodeLoadMetrics(registry, { node: nodeName, vms: () => this.informer.list() });
    vmMetrics(registry, {
      node: nodeName,
      vms: () => this.measuredVms(),
      config: () => this.settings.current,
      clock: this.clock,
    });
    this.watch();
  }

  /** The session of a VM that runs. */
  private runningSession(vmi: VirtualMachineInstance): Session | undefined {
    const session = vmi.status?.phase === 'Running' ? this.sessions.get(objectKey(vmi)) : undefined;
    return session?.vmiUid === vmi.metadata?.uid ? session : undefined;
  }

  private measuredVms(): (MeasuredVm & { readonly session: Session })[] {
    return this.informer.list().flatMap((vmi) => {
      const session = this.runningSession(vmi);
      return session === undefined ? [] : [{ vmi, session }];
    });
  }

  /** VMs that run and are to be shown metrics. */
  private metricsVms(): MetricsVm[] {
    return this.informer.list().flatMap((vmi) => {
      const wanted = wantedMetrics(vmi);
      const session = wanted && this.runningSession(vmi);
      return wanted && session ? [{ key: objectKey(vmi), session, ...wanted }] : [];
    });
  }

  private nodeFacts(): NodeFacts {
    const { hostCpu = readHostCpu, kvm, exclusiveCpus, seccompProfile, cpuModels = NO_CPU_MODELS } = this.options;
    const { obsoleteCpuModels } = this.settings.current;
    return {
      ...machineReport(kvm.usable, hostCpu()),
      cpuManager: exclusiveCpus?.() === true,
      seccompProfile: seccompProfile?.(),
      cpuModels: cpuModels.models.filter((name) => !obsoleteCpuModels.includes(name)),
      cpuFeatures: [...cpuModels.features],
      hostModel: cpuModels.hostModel,
      ...this.care.facts,
    };
  }

  private startContext() {
    // The launcher image is ours, and its libvirt has the backend of passt.
    return {
      config: this.settings.current,
      kvmUsable: this.options.kvm.usable,
      nodeLabels: this.node.nodeLabels,
      nodeHasSwap: (readMeminfo()?.swapTotalKiB ?? 0) > 0,
      passt: true,
      neighbourhood: { node: this.options.nodeName, cores: this.cores, vmis: this.informer.list() },
    };
  }

  private watch(): void {
    const changed = (vmi: VirtualMachineInstance): void => this.queue.add(objectKey(vmi));
    this.informer.on('add', changed);
    const evictions = new EvictionMetric(this.options.registry, this.options.nodeName);
    this.informer.on('update', (vmi, before) => {
      evictions.changed(vmi, before);
      if (isNews(vmi, before)) changed(vmi);
    });
    this.informer.on('delete', changed);
    this.settings.onChange(() => {
      this.care.settingsChanged();
      // A VM that waits for KVM may start now, and of one that runs the CPU limit may be spread in another way.
      for (const vmi of this.informer.list()) changed(vmi);
    });
  }

  /** Resolves when the agent works. */
  async start(): Promise<void> {
    this.settings.start();
    await this.settings.synced;
    await this.node.start();
    this.reporter.start();
    this.informer.start();
    await this.informer.synced;
    this.queue.start();
    this.metrics.start();
    // It counts the VMs.
    this.care.start();
    this.rates.start();
  }

  /** Why the agent is not ready, or undefined. */
  notReady(): string | undefined {
    if (!this.settings.hasSynced) return 'the configuration has not been read yet';
    return this.informer.hasSynced ? undefined : 'the VMs of this node have not been read yet';
  }

  /** Releases everything; VMs continue to run. */
  async stop(): Promise<void> {
    closeStreams(this, undefined, CloseCode.goingAway, 'the agent is restarting; reconnect');
    this.metrics.stop();
    this.rates.stop();
    await Promise.all([this.node.stop(), this.reporter.stop(), this.care.stop()]);
    await this.queue.stop();
    await Promise.all([this.informer.stop(), this.settings.stop()]);
    await this.sessions.releaseAll();
    await this.events.flush();
  }
}

/** kubectl's copy of the manifest doubles an object's size and is of no use to the agent. */
const slim = (vmi: VirtualMachineInstance): VirtualMachineInstance => {
  const annotations = vmi.metadata?.annotations;
  if (annotations?.[LAST_APPLIED] === undefined) return vmi;
  const rest = Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== LAST_APPLIED));
  return { ...vmi, metadata: { ...vmi.metadata, annotations: rest } };
};
