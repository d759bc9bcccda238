import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { PROBES_PAUSED } from '../../api/pod-layout.js';
import { isSwitchedOn } from '../../api/vmi/kubevirt-annotations.js';
import type { Launcher } from '../pod/launcher.js';

/** What the file is for, only a ping of the guest's agent reads (src/launcher/virt-probe.sh). */
const isPinged = ({ spec: { livenessProbe, readinessProbe } }: VirtualMachineInstance): boolean =>
  [livenessProbe, readinessProbe].some((probe) => probe?.guestAgentPing !== undefined);

/** Keeps a file in the pod for as long as the VMI's annotation has pings of its guest's agent succeed. */
export class ProbePause {
  /** Undefined: an agent before this one may have left the file there. */
  private is: boolean | undefined;

  constructor(private readonly launcher: Pick<Launcher, 'workspace'>) {}

  /** @throws CommandError: the next look tries again */
  async keep(vmi: VirtualMachineInstance): Promise<void> {
    const wanted = isSwitchedOn(vmi.metadata, 'kubevirt.io/pause-guest-agent-probes');
    if (!isPinged(vmi) || wanted === this.is) return;
    const workspace = await this.launcher.workspace();
    const file = PROBES_PAUSED(vmi.metadata?.uid ?? '');
    await workspace.run(wanted ? ['touch', file] : ['rm', '-f', file]);
    this.is = wanted;
  }
}
