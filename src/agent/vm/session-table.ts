import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { LauncherPod } from '../../api/schema/virtualmachineinstance-status.js';
import type { Clock } from '../../kube/clock.js';
import { COMPUTE_CONTAINER } from '../../launcher/index.js';
import type { Launcher } from '../pod/launcher.js';
import { Session } from './session.js';

/** Makes the launcher of a VMI that runs in this pod. */
export type LauncherFactory = (vmi: VirtualMachineInstance, pod: LauncherPod) => Launcher;

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

  /**
   * The session of a VMI; another VMI or pod under the same name gets a new one. Undefined while no pod here is known
   * to be its own.
   */
  forVmi(key: string, vmi: VirtualMachineInstance): Session | undefined {
    const vmiUid = vmi.metadata?.uid ?? '';
    const pod = launcherPodOn(vmi, this.options.nodeName);
    const known = this.sessions.get(key);
    if (known?.vmiUid === vmiUid && (pod === undefined || known.podUid === pod.uid)) return known;
    if (known !== undefined) void this.release(key);
    if (pod === undefined) return undefined;
    const launcher = this.options.launcher(vmi, pod);
    const session = new Session(vmiUid, pod.uid, launcher, this.options.clock, (afterMs) =>
      this.options.changed(key, afterMs),
    );
    this.sessions.set(key, session);
    return session;
  }

  /** Whether a VMI was handed over to this node. */
  isHere({ status }: VirtualMachineInstance): boolean {
    return status?.nodeName === this.options.nodeName;
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

/** A UID is a name of a directory of kubelet's here. */
const POD_UID = /^[0-9A-Za-z-]{1,64}$/;

/**
 * The pod that virt-controller made for a VMI, with its containers. Nothing else proves which pod is a VM's: labels,
 * names, owners and environments are chosen by the user who created the pod.
 */
const launcherPodOn = ({ status }: VirtualMachineInstance, node: string): LauncherPod | undefined => {
  const pod = status?.launcherPod;
  if (pod === undefined || status?.nodeName !== node || !POD_UID.test(pod.uid)) return undefined;
  return pod.containers?.some(({ name }) => name === COMPUTE_CONTAINER) === true ? pod : undefined;
};
