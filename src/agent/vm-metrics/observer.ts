import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { sleep, type Clock } from '../../kube/clock.js';
import type { DomainUsage } from '../hypervisor/statistics.js';
import type { Session } from '../vm/session.js';
import type { Observed } from './metric.js';

/** A libvirtd that takes longer is left out of this scrape: it must not hold up the others' figures. */
const PATIENCE_MS = 2_000;

/** What can be asked: a session of a VM. */
export type Measurable = Pick<Session, 'domainUsage' | 'podUsage' | 'guestUsage' | 'domain'>;

export interface MeasuredVm {
  readonly vmi: VirtualMachineInstance;
  readonly session: Measurable;
}

export interface VmMetricsSource {
  /** For the label of this name. */
  readonly node: string;
  /** The running VMs, as they are now. */
  readonly vms: () => readonly MeasuredVm[];
  readonly config: () => ClusterConfig;
  readonly clock: Clock;
}

/** Looks at each VM once per scrape for all metrics together; one question at a time to a libvirtd that hangs. */
export class VmsObserver {
  private readonly asking = new WeakMap<Measurable, Promise<DomainUsage | undefined>>();
  private current: Promise<readonly Observed[]> | undefined;

  constructor(private readonly source: VmMetricsSource) {}

  observe(): Promise<readonly Observed[]> {
    return (this.current ??= this.all().finally(() => (this.current = undefined)));
  }

  private all(): Promise<readonly Observed[]> {
    const config = this.source.config();
    return Promise.all(
      this.source.vms().map(async ({ vmi, session }) => {
        const [domain, pod] = await Promise.all([
          this.domainUsage(session),
          // Its launcher has just ended, or is not confined as it should be.
          session.podUsage().catch(() => undefined),
        ]);
        return { vmi, config, domain, pod, guest: session.guestUsage(), view: session.domain };
      }),
    );
  }

  private async domainUsage(session: Measurable): Promise<DomainUsage | undefined> {
    const asked =
      this.asking.get(session) ??
      session
        .domainUsage()
        .catch(() => undefined)
        .finally(() => this.asking.delete(session));
    this.asking.set(session, asked);
    const enough = new AbortController();
    const patience = sleep(this.source.clock, PATIENCE_MS, enough.signal).then(() => undefined);
    try {
      return await Promise.race([asked, patience]);
    } finally {
      enough.abort();
    }
  }
}
