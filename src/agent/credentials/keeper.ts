import { agentCredentials } from '../../api/vmi/access-credentials.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { Clock } from '../../kube/clock.js';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';
import type { Launcher } from '../pod/launcher.js';
import { agentCommands } from './agent-commands.js';
import { readSecret, secretStamp } from './secret-files.js';

/** What became of a VM's credentials. */
export type CredentialState =
  | { readonly synced: true }
  /** `offline`: there is no agent to be told. */
  | { readonly synced: false; readonly message: string; readonly offline?: true };

/** How often kubelet's copy of the Secrets is looked at (docs/reference/domain.md §9.6). */
export const CREDENTIALS_REFRESH_MS = 15_000;
/** And told again, for whoever changed them in the guest. */
const FORCED_MS = 300_000;
/** Seconds. An agent that answers does so at once. */
const TIMEOUT = 5;
/** Of what the guest's agent says. */
const MAX_MESSAGE = 256;
const OFFLINE: CredentialState = { synced: false, message: 'Guest agent is offline', offline: true };

/**
 * Keeps the keys and passwords of one VM's guest as the VM's Secrets have them. Nothing waits for it, as a guest's
 * agent may hang.
 */
export class CredentialKeeper {
  private state: CredentialState | undefined;
  private looking = false;
  private lookedAt: number | undefined;
  private told: { readonly stamp: string; readonly at: number } | undefined;

  constructor(
    private readonly launcher: Pick<Launcher, 'workspace'>,
    private readonly clock: Clock,
    /** Called when the state is another one. */
    private readonly changed: () => void,
  ) {}

  /** What is known of it, without a look. */
  get last(): CredentialState | undefined {
    return this.state;
  }

  /**
   * What is known of it; a look begins where one is due. Undefined: the VM has none, or the first look is under way.
   * @param hypervisor undefined while no guest agent is connected
   */
  keep(vmi: VirtualMachineInstance, hypervisor: Hypervisor | undefined): CredentialState | undefined {
    if (agentCredentials(vmi.spec).length === 0) return undefined;
    if (hypervisor === undefined) {
      // Another system may have booted meanwhile.
      this.told = undefined;
      this.lookedAt = undefined;
      this.state = OFFLINE;
      return OFFLINE;
    }
    if (this.state === OFFLINE) this.state = undefined;
    const due = this.lookedAt === undefined || this.clock.now() - this.lookedAt >= CREDENTIALS_REFRESH_MS;
    if (due && !this.looking) void this.look(vmi, hypervisor);
    return this.state;
  }

  /** Never rejects. */
  private async look(vmi: VirtualMachineInstance, hypervisor: Hypervisor): Promise<void> {
    this.looking = true;
    this.lookedAt = this.clock.now();
    const before = JSON.stringify(this.state);
    try {
      await this.tell(vmi, hypervisor);
      this.state = { synced: true };
    } catch (error) {
      this.told = undefined;
      this.state = { synced: false, message: foreignText(errorMessage(error), MAX_MESSAGE) };
    }
    this.looking = false;
    if (JSON.stringify(this.state) !== before) this.changed();
  }

  private async tell(vmi: VirtualMachineInstance, hypervisor: Hypervisor): Promise<void> {
    const workspace = await this.launcher.workspace();
    const names = [...new Set(agentCredentials(vmi.spec).map(({ secretName }) => secretName))];
    const stamps = await Promise.all(names.map((name) => secretStamp(workspace, name)));
    const [stamp, now] = [stamps.join(' '), this.clock.now()];
    if (this.told?.stamp === stamp && now - this.told.at < FORCED_MS) return;
    const secrets = new Map<string, ReadonlyMap<string, Buffer>>();
    for (const name of names) secrets.set(name, await readSecret(workspace, name));
    // The first that fails ends it: an agent that hangs is not asked again for each user.
    for (const command of agentCommands(vmi, secrets)) await hypervisor.guestAgent(JSON.stringify(command), TIMEOUT);
    this.told = { stamp, at: now };
  }
}
