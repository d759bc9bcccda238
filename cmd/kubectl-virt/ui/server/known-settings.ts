import { INSTALL_NAMESPACE, KUBEVIRT_OBJECT_NAME } from '../../../../src/api/names.js';
import type { KubeVirt } from '../../../../src/api/schema/kinds.js';
import { kubevirtPath } from '../../../../src/kube/client/resources.js';
import type { ApiClient } from '../../client/client.js';

/** How long they are believed: lint asks with every pause in the typing. */
const BELIEVED_MS = 60_000;

/** The cluster's settings, for whoever asks often. */
export class KnownSettings {
  #known: KubeVirt | undefined;
  #readAt = -Infinity;
  #reading: Promise<KubeVirt | undefined> | undefined;

  constructor(
    private readonly client: Pick<ApiClient, 'get'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Those of the last minute, else read anew; if that fails, the last that were read, and the next call asks again.
   * Undefined where the user has never read any: the server's own admission has the last word anyway.
   */
  async current(): Promise<KubeVirt | undefined> {
    if (this.now() - this.#readAt < BELIEVED_MS) return this.#known;
    return (this.#reading ??= this.#read());
  }

  async #read(): Promise<KubeVirt | undefined> {
    try {
      this.#known = await this.client.get<KubeVirt>(kubevirtPath(INSTALL_NAMESPACE, KUBEVIRT_OBJECT_NAME));
      this.#readAt = this.now();
    } catch {
      // Nothing of a failure is kept: it may be over.
    } finally {
      this.#reading = undefined;
    }
    return this.#known;
  }
}
