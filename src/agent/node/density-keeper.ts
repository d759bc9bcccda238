import type { DensityWarning, NodeDensity } from '../../api/virt-node/virt-node.js';
import type { Clock } from '../../kube/clock.js';
import type { EventRecorder } from '../../kube/events.js';
import type { Log } from '../../kube/program/log.js';
import { Recurring } from '../../kube/work/recurring.js';
import { nodeDensity, type DensityInput } from './density.js';
import type { KubeletProcess } from './kubelet-process.js';
import { kubeletSettings } from './kubelet-settings.js';

/** How often the node is looked at. Each look reads a few small files. */
const PERIOD_MS = 60_000;

/** What was not so for less than this has not come up since: daemons use now more, now less, and VMs come and go. */
const QUIET_MS = 3_600_000;

export interface DensityOptions {
  readonly node: string;
  readonly kubelet: Pick<KubeletProcess, 'look'>;
  /** Undefined while the node's memory cannot be read. */
  readonly input: () => Omit<DensityInput, 'kubelet'> | undefined;
  readonly events: Pick<EventRecorder, 'event'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps the density report current, and tells of a warning when it comes up: on the Node, once. */
export class DensityKeeper {
  private current: NodeDensity | undefined;
  private systemBytes: number | undefined;
  /** When each warning was last true. */
  private readonly told = new Map<DensityWarning, number>();
  private readonly work: Recurring;

  constructor(private readonly options: DensityOptions) {
    const { clock, log } = options;
    this.work = new Recurring({
      turn: () => this.look(),
      pause: () => PERIOD_MS,
      failed: 'density of the node not determined, trying again',
      clock,
      log,
    });
  }

  get report(): NodeDensity | undefined {
    return this.current;
  }

  /** What runs beside pods, in bytes; undefined where that is not known. */
  get system(): number | undefined {
    return this.systemBytes;
  }

  start(): void {
    this.work.start();
  }

  stop(): Promise<void> {
    return this.work.stop();
  }

  async look(): Promise<void> {
    const { kubelet, input } = this.options;
    const start = await kubelet.look();
    const now = input();
    if (now === undefined) return;
    const settings = start && kubeletSettings(start.argv, start.files, now.memory.totalKiB * 1024);
    const { report, texts } = nodeDensity({ ...now, kubelet: settings });
    this.current = report;
    this.systemBytes = now.systemBytes;
    for (const reason of report.warnings) this.tell(reason, texts[reason] ?? '');
  }

  private tell(reason: DensityWarning, text: string): void {
    const { node, events, clock } = this.options;
    const last = this.told.get(reason);
    this.told.set(reason, clock.now());
    if (last !== undefined && clock.now() - last < QUIET_MS) return;
    // kubectl describe node looks for events whose uid is the node's name, as kubelet writes it.
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: node, uid: node } };
    events.event(object, 'Warning', reason, text);
  }
}
