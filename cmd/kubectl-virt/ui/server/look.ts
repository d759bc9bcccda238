import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { phaseOf } from '../../../../src/api/vmi/phase.js';
import type { KubeClient } from '../../../../src/kube/client/client.js';
import { eventPath, vmiPath, vmPath } from '../../../../src/kube/client/resources.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';
import { Informer } from '../../../../src/kube/watch/informer.js';
import { messageOf } from '../../errors.js';
import { subresourcePath } from '../../paths.js';
import { keyOf, type LiveMessage, type Place } from '../shared/protocol.js';
import { detailOf, type EventObject, eventRow } from './detail.js';
import { identity } from './identity.js';
import { NewestEvents } from './newest-events.js';
import { shownLine } from './rows.js';
import { sampleOf } from './usage.js';

/** How long changes are gathered. */
const GATHER_MS = 100;
/** How often a VM is asked what it uses: nothing of it can be watched. The agent measures its CPU over as long. */
const ASK_MS = 5_000;

/** One VM while somebody looks at it: the object, its instance and its events by watches, and what it uses. */
export class Look {
  readonly #key: string;
  readonly #vm: Informer<VirtualMachine>;
  readonly #vmi: Informer<VirtualMachineInstance>;
  readonly #events: Informer<KubernetesObject>;
  readonly #newest = new NewestEvents();
  readonly #timers: NodeJS.Timeout[];
  readonly #closing = new AbortController();
  #gathering: NodeJS.Timeout | undefined;
  #asking = false;

  constructor(
    private readonly client: Pick<KubeClient, 'list' | 'watch' | 'get'>,
    private readonly place: Place,
    private readonly say: (message: LiveMessage) => void,
  ) {
    const { namespace, name } = place;
    this.#key = keyOf(place);
    const fieldSelector = `metadata.name=${name}`;
    this.#vm = new Informer<VirtualMachine>(client, { path: vmPath(namespace), fieldSelector });
    this.#vmi = new Informer<VirtualMachineInstance>(client, { path: vmiPath(namespace), fieldSelector });
    this.#events = new Informer<KubernetesObject>(client, {
      path: eventPath(namespace),
      fieldSelector: `involvedObject.name=${name}`,
      transform: (event: EventObject) => {
        this.#newest.set(eventRow(event));
        return identity(event);
      },
    });
    this.#events.on('delete', ({ metadata }) => this.#newest.delete(metadata?.uid ?? ''));
    this.#follow(this.#vm);
    this.#follow(this.#vmi);
    this.#follow(this.#events);
    this.#timers = [setInterval(() => void this.#ask(), ASK_MS), setTimeout(() => void this.#ask(), GATHER_MS * 5)];
    this.#touch();
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    for (const timer of [...this.#timers, this.#gathering]) clearTimeout(timer);
    await Promise.all([this.#vm.stop(), this.#vmi.stop(), this.#events.stop()]);
  }

  #follow<T extends KubernetesObject>(informer: Informer<T>): void {
    for (const kind of ['add', 'update', 'delete'] as const) informer.on(kind, () => this.#touch());
    informer.start();
  }

  #touch(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#tell();
    }, GATHER_MS);
  }

  #tell(): void {
    const problem = this.#events.lastError;
    this.say({
      type: 'detail',
      detail: detailOf({
        key: this.#key,
        vm: this.#vm.get(this.#key),
        vmi: this.#vmi.get(this.#key),
        events: this.#newest.rows(),
        eventsProblem: problem === undefined ? undefined : shownLine(problem),
      }),
    });
  }

  async #ask(): Promise<void> {
    const vmi = this.#vmi.get(this.#key);
    if (this.#asking || vmi === undefined || phaseOf(vmi) !== 'Running') return;
    this.#asking = true;
    const { signal } = this.#closing;
    try {
      const { namespace, name } = this.place;
      const said = await this.client.get<unknown>(subresourcePath('vmi', namespace, name, 'usage'), { signal });
      this.say({ type: 'usage', key: this.#key, sample: sampleOf(said, Date.now()) });
    } catch (error) {
      if (!signal.aborted) this.say({ type: 'usage', key: this.#key, problem: shownLine(messageOf(error)) });
    } finally {
      this.#asking = false;
    }
  }
}
