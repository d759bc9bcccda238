import type { Registry } from 'prom-client';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type { Clock } from '../../kube/clock.js';
import type { EventRecorder } from '../../kube/events.js';
import type { Log } from '../../kube/program/log.js';
import { DensityKeeper } from './density-keeper.js';
import { densityMetrics } from './density-metrics.js';
import { KsmKeeper } from './ksm.js';
import { KsmFiles } from './ksm-files.js';
import { KubeletProcess } from './kubelet-process.js';
import { readMeminfo } from './meminfo.js';
import type { NodeFacts, NodeReporter } from './node-reporter.js';
import type { NodeState } from './node-state.js';
import { systemMemory } from './system-memory.js';

/** Kubelet is missing where it is part of another program (k3s), and that does not change by the minute. */
const SEARCH_MS = 600_000;

export interface NodeCareOptions {
  readonly nodeName: string;
  readonly node: NodeState;
  readonly reporter: () => Pick<NodeReporter, 'report'>;
  readonly vmis: () => readonly VirtualMachineInstance[];
  readonly config: () => ClusterConfig;
  /** The node's /sys/fs/cgroup. */
  readonly cgroups: string;
  readonly events: Pick<EventRecorder, 'event'>;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

/** The node's memory as a whole: how full it may become and is, and whether equal pages are merged. */
export class NodeCare {
  private readonly density: DensityKeeper;
  private readonly ksm: KsmKeeper;
  private readonly config: () => ClusterConfig;
  /** Which nodes merge, as the settings said last. */
  private ksmNodes = '';

  constructor({ node, reporter, vmis, config, cgroups, registry, ...options }: NodeCareOptions) {
    const { nodeName, events, clock, log } = options;
    this.config = config;
    const kubelet = new KubeletProcess({
      now: () => clock.now(),
      searchEveryMs: SEARCH_MS,
      failed: (message) => log.warn({}, message),
    });
    this.density = new DensityKeeper({
      node: nodeName,
      kubelet,
      input: () => {
        const memory = readMeminfo();
        if (memory === undefined) return undefined;
        const { allocatableMemory: allocatable } = node;
        return { memory, allocatable, systemBytes: systemMemory(cgroups), vmis: vmis(), config: config() };
      },
      events,
      clock,
      log,
    });
    // Of a node in a container of its own the first process may be out of reach, and kubelet is not.
    const files = new KsmFiles(() => ['/', '/proc/1/root', ...(kubelet.root === undefined ? [] : [kubelet.root])]);
    this.ksm = new KsmKeeper({
      files,
      memory: readMeminfo,
      labels: () => node.nodeLabels,
      annotations: () => node.annotations,
      selector: () => config().ksmNodes,
      record: async () => (await reporter().report()).spec.ksm?.managed === true,
      clock,
      log,
    });
    densityMetrics(registry, {
      node: nodeName,
      density: () => this.density.report,
      system: () => this.density.system,
      ksm: files,
    });
    node.onChange(() => this.ksm.wake());
  }

  get facts(): Pick<NodeFacts, 'ksm' | 'density'> {
    return { ksm: this.ksm.report, density: this.density.report };
  }

  /** The cluster's settings may have changed. */
  settingsChanged(): void {
    const nodes = JSON.stringify(this.config().ksmNodes ?? null);
    if (nodes !== this.ksmNodes) this.ksm.wake();
    this.ksmNodes = nodes;
  }

  start(): void {
    this.density.start();
    this.ksm.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.density.stop(), this.ksm.stop()]);
  }
}
