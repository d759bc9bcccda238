import { selects } from '../../api/label-selector.js';
import { Annotation } from '../../api/names.js';
import type { LabelSelector } from '../../api/schema/meta.js';
import type { Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import { Recurring } from '../../kube/work/recurring.js';
import type { KsmFiles } from './ksm-files.js';
import { ksmSettings, ksmStep, type KsmState, type NodeMemory } from './ksm-step.js';

/** How often KSM is looked at; it takes its time to find equal pages. */
const PERIOD_MS = 180_000;

/** What the agent says of it in its report. */
export interface KsmReport {
  /** The cluster's settings have equal pages merged on this node, and its kernel can. */
  readonly enabled: boolean;
  /** The agent runs it. */
  readonly managed: boolean;
}

export interface KsmOptions {
  readonly files: Pick<KsmFiles, 'state' | 'write'>;
  /** Undefined while it cannot be read. */
  readonly memory: () => NodeMemory | undefined;
  /** This node's. */
  readonly labels: () => Readonly<Record<string, string>>;
  readonly annotations: () => Readonly<Record<string, string>>;
  /** Of the nodes that merge, by the cluster's settings; undefined: none. */
  readonly selector: () => LabelSelector | undefined;
  /**
   * Writes {@link KsmKeeper.report} where it outlives us.
   * @returns whether the one before said that the agent runs KSM
   * @throws Error when that cannot be done
   */
  readonly record: () => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Runs KSM where the settings want it and the node is short of memory. It is on record that KSM is ours before it is
 * switched on, and until it is off again: an agent that was killed at any point knows what it may switch off, and one
 * that an administrator runs stays as it is, but where the settings say that it is ours.
 */
export class KsmKeeper {
  /** Undefined before the first look: the record of the agent before us stands. */
  private current: KsmReport | undefined;
  private ours = false;
  private told = '';
  private readonly work: Recurring;

  constructor(private readonly options: KsmOptions) {
    const { clock, log } = options;
    this.work = new Recurring({
      turn: () => this.look(),
      pause: () => PERIOD_MS,
      failed: 'KSM not looked after, trying again',
      clock,
      log,
    });
  }

  get report(): KsmReport | undefined {
    return this.current;
  }

  start(): void {
    this.work.start();
  }

  /** Settings or the node have changed: looks at once. */
  wake(): void {
    this.work.wake();
  }

  /** KSM goes on: the next agent will take it over. */
  stop(): Promise<void> {
    return this.work.stop();
  }

  /** One look. @throws Error when it cannot be recorded, or the kernel refuses */
  async look(): Promise<void> {
    const { files, annotations, record } = this.options;
    if (this.current === undefined) {
      const before = await record();
      this.ours = before || annotations()[Annotation.ksmHandlerManaged] === 'true';
    }
    const state = files.state();
    const enabled = state !== undefined && this.isWanted();
    if (enabled) await this.run(state);
    else await this.giveBack(state);
  }

  private isWanted(): boolean {
    const { selector, labels } = this.options;
    const wanted = selector();
    return wanted !== undefined && selects(wanted, labels());
  }

  private async run(state: KsmState): Promise<void> {
    const { files, memory, annotations, log } = this.options;
    const { settings, problems } = ksmSettings(annotations());
    if (problems.join() !== this.told) for (const problem of problems) log.warn({}, problem);
    this.told = problems.join();
    const now = memory();
    if (now === undefined) return;
    const step = ksmStep(state, now, settings);
    if (step.run) await this.say({ enabled: true, managed: true });
    files.write(step);
    if (step.run !== state.running) log.info({ ...step }, step.run ? 'KSM runs' : 'KSM stopped: memory is enough');
    if (!step.run) await this.say({ enabled: true, managed: false });
  }

  private async giveBack(state: KsmState | undefined): Promise<void> {
    const { files, log } = this.options;
    if (state?.running === true && this.ours) {
      files.write({ run: false });
      log.info({}, 'KSM stopped: the settings do not want it here any more');
    }
    await this.say({ enabled: false, managed: false });
  }

  /** Nothing is written where it is on record already. */
  private async say(report: KsmReport): Promise<void> {
    const same = this.current?.enabled === report.enabled && this.current.managed === report.managed;
    if (same) return;
    const before = this.current;
    this.current = report;
    try {
      await this.options.record();
    } catch (error) {
      // The heartbeat may write it all the same: whoever reads it then must not find less than what is so.
      this.current = before;
      throw error;
    }
    this.ours = report.managed;
  }
}
