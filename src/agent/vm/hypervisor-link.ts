import { errorMessage } from '../../kube/client/api-error.js';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { DomainChange, DomainView, Hypervisor } from '../hypervisor/hypervisor.js';
import type { Launcher } from '../pod/launcher.js';
import { SocketPathError } from '../pod/sockets.js';

/** It is remembered as long as the problem lasts, and may be text of libvirtd's. */
const MAX_PROBLEM_BYTES = 1_024;
const problemText = (error: unknown): string => foreignText(errorMessage(error), MAX_PROBLEM_BYTES);

/** The connection to one VM's libvirtd: opened when there is none, given up when it is of no use. */
export class HypervisorLink {
  private hypervisor: Hypervisor | undefined;
  /** Marks the connection whose messages count: one that was given up may still send some while it closes. */
  private current: object | undefined;
  private failure: { starting: boolean; message: string } | undefined;

  constructor(
    private readonly launcher: Pick<Launcher, 'connect'>,
    /** Called for what libvirtd reports unasked, the end of the connection included. */
    private readonly onChange: (change: DomainChange) => void,
  ) {}

  /** The connection; undefined while there is none. */
  get open(): Hypervisor | undefined {
    return this.hypervisor;
  }

  /** Why libvirtd cannot be reached, for the condition. */
  get problem(): string | undefined {
    return this.failure?.message;
  }

  /** libvirtd's socket was not there yet (it starts), in contrast to one that fails; undefined without a problem. */
  get starting(): boolean | undefined {
    return this.failure?.starting;
  }

  /** Connects where there is no connection. Never throws: what is wrong is the {@link problem}. */
  async connect(): Promise<void> {
    if (this.hypervisor !== undefined) return;
    const link = {};
    this.current = link;
    try {
      this.hypervisor = await this.launcher.connect((change) => {
        if (this.current !== link) return;
        if (change.kind === 'disconnected') this.hypervisor = undefined;
        this.onChange(change);
      });
      this.failure = undefined;
    } catch (error) {
      this.failure = { starting: error instanceof SocketPathError && error.missing, message: problemText(error) };
    }
  }

  /** The domain as it is now; undefined when it is not defined, or libvirtd cannot be asked. */
  async observe(): Promise<DomainView | undefined> {
    const { hypervisor } = this;
    if (hypervisor === undefined) return undefined;
    try {
      return await hypervisor.observe();
    } catch (error) {
      // A connection that cannot even report the state is of no use; a new one shows what is wrong.
      this.failure = { starting: false, message: problemText(error) };
      void this.close();
      return undefined;
    }
  }

  /** @throws Error when there is no connection */
  require(): Hypervisor {
    if (this.hypervisor === undefined) throw new Error('libvirtd in the launcher pod does not answer');
    return this.hypervisor;
  }

  async close(): Promise<void> {
    const { hypervisor } = this;
    this.hypervisor = undefined;
    this.current = undefined;
    await hypervisor?.close();
  }
}
