import type { FileHandle } from 'node:fs/promises';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { sleep, type Clock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { DomainStatistics } from '../hypervisor/statistics.js';
import type { Session } from '../vm/session.js';
import type { HostReader } from './host.js';
import { servePort } from './port.js';
import { metricsReport } from './report.js';
import { writeDisk } from '../volumes/vhostmd-disk.js';

/** How often disks are written. Source of both: docs/reference/domain.md §7.3. */
const REFRESH_MS = 5_000;
/** What is known of a VM is not reported any more after this time. */
const STALE_MS = 12_000;
/** A libvirtd that takes longer delays nothing: the report is written without its values, or with its previous ones. */
const PATIENCE_MS = 2_000;
/** Of what is logged and remembered. */
const MAX_PROBLEM_BYTES = 512;

export type MetricsSession = Pick<Session, 'statistics'> & {
  readonly launcher: Pick<Session['launcher'], 'metricsDisk' | 'metricsPort'>;
};

/** A running VM that is to be shown metrics. */
export interface MetricsVm {
  readonly key: string;
  readonly session: MetricsSession;
  /** Name of its downwardMetrics volume. */
  readonly volume: string | undefined;
  /** It has the virtio-serial port. */
  readonly port: boolean;
}

/** What a VMI wants of us; undefined: nothing. */
export const wantedMetrics = ({
  spec: { volumes = [], domain },
}: VirtualMachineInstance): Pick<MetricsVm, 'volume' | 'port'> | undefined => {
  const volume = volumes.find(({ downwardMetrics }) => downwardMetrics !== undefined)?.name;
  const port = domain.devices.downwardMetrics !== undefined;
  return volume !== undefined || port ? { volume, port } : undefined;
};

/** What is under way and open for one VM. */
interface Publication {
  readonly vm: MetricsVm;
  readonly ended: AbortController;
  writing: boolean;
  disk?: FileHandle;
  serving: boolean;
  asking?: Promise<void>;
  known?: { readonly at: number; readonly statistics: DomainStatistics };
  problem?: string;
}

export interface DownwardMetricsOptions {
  /** The running VMs that want metrics, as they are now. */
  readonly vms: () => readonly MetricsVm[];
  readonly host: Pick<HostReader, 'read'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Shows guests the metrics of their node and of themselves: a disk of vhostmd's format, a port that answers, or both.
 * One pass for all VMs of the node every five seconds: one call to each libvirtd and three small writes into a file
 * that stays open. VMs do not wait for each other. Where no VM wants metrics nothing is read.
 */
export class DownwardMetrics {
  private readonly publications = new Map<string, Publication>();
  private stopTimer: () => void = () => undefined;
  private stopped = false;

  constructor(private readonly options: DownwardMetricsOptions) {}

  start(): void {
    if (this.stopped) return;
    this.stopTimer = this.options.clock.after(REFRESH_MS, () => this.start());
    this.pass();
  }

  stop(): void {
    this.stopped = true;
    this.stopTimer();
    for (const key of [...this.publications.keys()]) this.release(key);
  }

  private pass(): void {
    const vms = this.options.vms();
    const wanted = new Map(vms.map((vm) => [vm.key, vm]));
    // Another session under the same key is another VM or another pod.
    for (const [key, { vm }] of this.publications) if (wanted.get(key)?.session !== vm.session) this.release(key);
    for (const vm of vms) {
      const publication = this.publications.get(vm.key) ?? {
        vm,
        ended: new AbortController(),
        writing: false,
        serving: false,
      };
      this.publications.set(vm.key, publication);
      if (vm.volume !== undefined) void this.write(publication, vm.volume);
      if (vm.port) void this.serve(publication);
    }
  }

  private release(key: string): void {
    const publication = this.publications.get(key);
    this.publications.delete(key);
    publication?.ended.abort();
    if (publication?.writing === false) void close(publication);
  }

  /** Never rejects. A write that hangs on the node's disk holds up the VM's own next one only. */
  private async write(publication: Publication, volume: string): Promise<void> {
    if (publication.writing) return;
    publication.writing = true;
    try {
      const report = await this.report(publication);
      publication.disk ??= await publication.vm.session.launcher.metricsDisk(volume);
      if (!publication.ended.signal.aborted) await writeDisk(publication.disk, report);
      publication.problem = undefined;
    } catch (error) {
      this.complain(publication, error);
      await close(publication);
    } finally {
      publication.writing = false;
      if (publication.ended.signal.aborted) await close(publication);
    }
  }

  private async serve(publication: Publication): Promise<void> {
    if (publication.serving) return;
    publication.serving = true;
    try {
      const socket = await publication.vm.session.launcher.metricsPort();
      await servePort(socket, () => this.report(publication), this.options.clock, publication.ended.signal);
    } catch (error) {
      this.complain(publication, error);
    } finally {
      publication.serving = false;
    }
  }

  private async report(publication: Publication): Promise<string> {
    const now = this.options.clock.now();
    const [host, vm] = await Promise.all([this.options.host.read(now), this.statistics(publication)]);
    return metricsReport(host, vm);
  }

  private async statistics(publication: Publication): Promise<DomainStatistics | undefined> {
    const { clock } = this.options;
    publication.asking ??= publication.vm.session
      .statistics()
      .then(
        (statistics) => {
          if (statistics !== undefined) publication.known = { at: clock.now(), statistics };
        },
        () => undefined,
      )
      .finally(() => delete publication.asking);
    const enough = new AbortController();
    await Promise.race([
      publication.asking,
      sleep(clock, PATIENCE_MS, AbortSignal.any([enough.signal, publication.ended.signal])),
    ]);
    enough.abort();
    return publication.known !== undefined && clock.now() - publication.known.at <= STALE_MS
      ? publication.known.statistics
      : undefined;
  }

  /** Once as long as it stays the same: it is tried again every few seconds. */
  private complain(publication: Publication, error: unknown): void {
    const problem = foreignText(errorMessage(error), MAX_PROBLEM_BYTES);
    if (publication.problem === problem || publication.ended.signal.aborted) return;
    publication.problem = problem;
    this.options.log.warn({ vmi: publication.vm.key, error: problem }, 'downward metrics not shown');
  }
}

const close = async (publication: Publication): Promise<void> => {
  const { disk } = publication;
  delete publication.disk;
  await disk?.close().catch(() => undefined);
};
