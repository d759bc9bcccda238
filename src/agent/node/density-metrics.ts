import { Counter, Gauge, type Registry } from 'prom-client';
import type { NodeDensity } from '../../api/virt-node/virt-node.js';
import { KSM_PAGES, type KsmFiles } from './ksm-files.js';

export interface DensityMetricsSource {
  readonly node: string;
  /** Undefined until the node was looked at. */
  readonly density: () => NodeDensity | undefined;
  /** What runs beside pods, in bytes. */
  readonly system: () => number | undefined;
  readonly ksm: Pick<KsmFiles, 'state' | 'pages' | 'fullScans'>;
}

/** Registers the node's metrics of memory; they are collected when they are scraped. */
export const densityMetrics = (registry: Registry, { node, density, system, ksm }: DensityMetricsSource): void => {
  const registers = [registry];
  const byKind = (
    name: string,
    help: string,
    value: (of: NodeDensity) => Readonly<Record<string, number | undefined>>,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames: ['node', 'kind'],
      registers,
      collect() {
        this.reset();
        const report = density();
        for (const [kind, number] of Object.entries(report === undefined ? {} : value(report)))
          if (number !== undefined) this.set({ node, kind }, number);
      },
    });
  };
  const single = (name: string, help: string, value: () => number | undefined): void => {
    // With a label a gauge that was not set has no series, in place of a zero that nobody measured.
    new Gauge({
      name,
      help,
      labelNames: ['node'],
      registers,
      collect() {
        this.reset();
        const number = value();
        if (number !== undefined) this.set({ node }, number);
      },
    });
  };
  byKind(
    'kubevirt_node_eviction_threshold_bytes',
    'Less memory than this left: kubelet evicts. Absent: it has no such threshold, or its settings are not known.',
    ({ kubelet }) => ({ hard: kubelet?.evictionHardBytes, soft: kubelet?.evictionSoftBytes }),
  );
  byKind(
    'kubevirt_node_reserved_bytes',
    'Memory that kubelet keeps from pods, for the system and for itself.',
    ({ kubelet }) => ({ system: kubelet?.systemReservedBytes, kube: kubelet?.kubeReservedBytes }),
  );
  single('kubevirt_node_swap_total_bytes', 'Swap space of the node.', () => density()?.swapBytes);
  single('kubevirt_node_guest_memory_bytes', 'What the guests of the node have.', () => density()?.guestMemoryBytes);
  single(
    'kubevirt_node_memory_overcommit_percent',
    'What the guests of the node have, in per cent of its memory.',
    () => density()?.memoryOvercommitPercent,
  );
  single('kubevirt_node_system_memory_bytes', 'What runs on the node beside pods uses.', system);
  single('kubevirt_node_ksm_running', '1 while the kernel merges equal pages, whoever switched that on.', () => {
    const state = ksm.state();
    return state === undefined ? undefined : Number(state.running);
  });
  new Gauge({
    name: 'kubevirt_node_ksm_pages',
    help: 'Pages of memory: in use for several (shared), saved by that (sharing), tried and single (unshared), changing too fast (volatile).',
    labelNames: ['node', 'kind'],
    registers,
    collect() {
      this.reset();
      if (ksm.state() !== undefined) for (const kind of KSM_PAGES) this.set({ node, kind }, ksm.pages(kind));
    },
  });
  new Counter({
    name: 'kubevirt_node_ksm_full_scans_total',
    help: 'How often KSM has gone through all memory that may be merged.',
    labelNames: ['node'],
    registers,
    collect() {
      this.reset();
      this.inc({ node }, ksm.fullScans());
    },
  });
};
