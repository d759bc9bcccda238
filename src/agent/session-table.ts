import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { Clock } from '../kube/clock.js';
import type { Launcher } from './launcher.js';
import { Session } from './session.js';

/** Makes the launcher of a VMI whose pod has this uid. */
export type LauncherFactory = (vmi: VirtualMachineInstance, podUid: string) => Launcher;

/** The sessions of this node's VMs, by `namespace/name`. */
export class SessionTable {
  private readonly sessions = new Map<string, Session>();

  constructor(
    private readonly options: {
      readonly nodeName: string;
      readonly launcher: LauncherFactory;
      readonly clock: Clock;
      /** A VM should be looked at again, at once or after some milliseconds. */
      readonly changed: (key: string, afterMs: number) => void;
      /** A VM's session ended: what hangs on it (consoles) must end too. */
      readonly released?: (key: string) => void;
    },
  ) {}

  /** The session of a VMI; another VMI or pod under the same name gets a new one. Undefined while it has no pod here. */
  forVmi(key: string, vmi: VirtualMachineInstance): Session | undefined {
    const vmiUid = vmi.metadata?.uid ?? '';
    const podUid = podOnNode(vmi, this.options.nodeName);
    const known = this.sessions.get(key);
    if (known?.vmiUid === vmiUid && (podUid === undefined || known.podUid === podUid)) return known;
    if (known !== undefined) void this.release(key);
    if (podUid === undefined) return undefined;
    const launcher = this.options.launcher(vmi, podUid);
    const session = new Session(vmiUid, podUid, launcher, this.options.clock, (afterMs) =>
      this.options.changed(key, afterMs),
    );
    this.sessions.set(key, session);
    return session;
  }

  get(key: string): Session | undefined {
    return this.sessions.get(key);
  }

  get size(): number {
    return this.sessions.size;
  }

  async release(key: string): Promise<void> {
    const session = this.sessions.get(key);
    if (session === undefined) return;
    this.sessions.delete(key);
    this.options.released?.(key);
    await session.close();
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.sessions.keys()].map((key) => this.release(key)));
  }
}

const podOnNode = (vmi: VirtualMachineInstance, node: string): string | undefined =>
  Object.entries(vmi.status?.activePods ?? {}).find(([, on]) => on === node)?.[0];
