import { GROUP, POLICY_GROUP, POLICY_VERSION, STORED_VERSION } from '../../api/names.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { ifFound } from '../../kube/client/if-found.js';
import { groupVersionPath, namespacePath, policyPath } from '../../kube/client/resources.js';
import { type Clock, sleep, systemClock } from '../../kube/clock.js';
import type { Log } from '../../kube/program/log.js';
import type { KubernetesObject } from '../../kube/types.js';
import { Informer, type InformerMetrics } from '../../kube/watch/informer.js';
import { PolicyLoader } from './policy-loader.js';
import type { PolicySnapshot } from './snapshot.js';

/** As expressions see it: `namespaceObject`. */
export interface KnownNamespace extends KubernetesObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

export interface PolicyWatchOptions {
  readonly log: Log;
  readonly metrics: InformerMetrics;
  readonly clock?: Clock;
}

/** How often it is looked whether the kinds were installed meanwhile, and again after an error. */
const LOOK_AGAIN_MS = 10_000;
const TRY_AGAIN_MS = 1_000;
/** A namespace that a request is in and nobody has told us of. */
const ASK_MS = 2_000;
/** For the policies of namespaces; for those of the cluster there is no limit. */
const PATIENCE_MS = 2_000;
/** The API server gives up on us after 5 s (`timeoutSeconds` in manifests/admission.yaml). */
const WAIT_MS = 2_500;

/**
 * Policies, exceptions and namespaces of the cluster, kept current by watches. What a request asks is a snapshot that
 * does not change, and undefined where there is no policy: then it costs nothing.
 */
export class PolicyWatch {
  snapshot: PolicySnapshot | undefined;
  private readonly policies: readonly Informer<KubernetesObject>[];
  private readonly exceptions: Informer<KubernetesObject>;
  private readonly namespaces: Informer<KnownNamespace>;
  private readonly loader: PolicyLoader;
  private readonly log: Log;
  private readonly clock: Clock;
  private readonly stopping = new AbortController();
  private readonly asked = new Map<string, Promise<KnownNamespace | undefined>>();
  private running: Promise<void> | undefined;
  private state: 'unknown' | 'absent' | 'reading' | 'ready' = 'unknown';
  private readonly decided: Promise<void>;
  private decide: () => void = () => undefined;

  constructor(
    private readonly client: Pick<KubeClient, 'get' | 'list' | 'watch'>,
    options: PolicyWatchOptions,
  ) {
    this.decided = new Promise((resolve) => (this.decide = resolve));
    this.log = options.log;
    this.clock = options.clock ?? systemClock;
    this.policies = (['VirtualMachineClusterPolicy', 'VirtualMachinePolicy'] as const).map(
      (kind) => new Informer<KubernetesObject>(client, { ...options, path: policyPath(kind) }),
    );
    this.exceptions = new Informer<KubernetesObject>(client, {
      ...options,
      path: policyPath('VirtualMachinePolicyException'),
    });
    this.namespaces = new Informer<KnownNamespace>(client, { ...options, path: namespacePath() });
    this.loader = new PolicyLoader({
      log: this.log,
      publish: (snapshot) => {
        this.snapshot = snapshot;
      },
    });
    for (const informer of this.policies) {
      informer.on('add', (object) => this.loader.policyChanged(object));
      informer.on('update', (object) => this.loader.policyChanged(object));
      informer.on('delete', (object) => this.loader.policyGone(object));
    }
    this.exceptions.on('add', (object) => this.loader.exceptionChanged(object));
    this.exceptions.on('update', (object) => this.loader.exceptionChanged(object));
    this.exceptions.on('delete', (object) => this.loader.exceptionGone(object));
  }

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.all(this.informers.map((informer) => informer.stop()));
  }

  /** Why no request may be answered yet; undefined: nothing speaks against it. */
  get notReady(): string | undefined {
    switch (this.state) {
      case 'unknown':
        return 'whether there are policies is not known yet';
      case 'reading':
        return 'the policies have not been read and compiled yet';
      case 'absent':
      case 'ready':
        return undefined;
    }
  }

  /**
   * Waits a little until requests may be answered. A container that was started again is asked before anybody has seen
   * that it is not ready. @returns whether it is
   */
  async whenReady(): Promise<boolean> {
    if (this.isReady()) return true;
    const waiting = new AbortController();
    await Promise.race([this.decided, sleep(this.clock, WAIT_MS, waiting.signal)]);
    waiting.abort();
    return this.isReady();
  }

  private isReady(): boolean {
    return this.notReady === undefined;
  }

  /** The namespace as the watch has it. */
  namespace(name: string): KnownNamespace | undefined {
    return this.namespaces.get(name);
  }

  /** A namespace that the watch does not have yet: one that was made a moment ago. Never throws. */
  askForNamespace(name: string): Promise<KnownNamespace | undefined> {
    const known = this.asked.get(name);
    if (known !== undefined) return known;
    const asking = this.read(name).finally(() => this.asked.delete(name));
    this.asked.set(name, asking);
    return asking;
  }

  private get informers(): readonly Informer<KubernetesObject>[] {
    return [...this.policies, this.exceptions, this.namespaces];
  }

  private async read(name: string): Promise<KnownNamespace | undefined> {
    try {
      return await this.client.get<KnownNamespace>(namespacePath(name), { timeoutMs: ASK_MS });
    } catch (error) {
      this.log.warn({ namespace: name, error: errorMessage(error) }, 'a namespace could not be read');
      return undefined;
    }
  }

  private stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!this.stopped() && !(await this.isInstalled())) {
      await sleep(this.clock, this.state === 'absent' ? LOOK_AGAIN_MS : TRY_AGAIN_MS, signal);
    }
    if (this.stopped()) return;
    // Who was ready without the kinds stays so: none of them can be there before.
    if (this.state === 'unknown') this.state = 'reading';
    for (const informer of this.informers) informer.start();
    await Promise.race([
      Promise.all(this.informers.map(({ synced }) => synced)),
      new Promise((resolve) => signal.addEventListener('abort', resolve)),
    ]);
    if (this.stopped()) return;
    await this.loader.begin(sleep(this.clock, PATIENCE_MS, signal));
    this.state = 'ready';
    this.decide();
    this.log.info({ policies: this.snapshot?.policies.length ?? 0 }, 'policies are in force');
  }

  /** Whether the kinds of policies are served: an installation may be older than they are. */
  private async isInstalled(): Promise<boolean> {
    const options = { signal: this.stopping.signal };
    try {
      const served = await ifFound(this.client.get(groupVersionPath(POLICY_GROUP, POLICY_VERSION), options));
      if (served !== undefined) return true;
      // An API server that has just begun knows no custom resources at all, and says of all of them: not found.
      await this.client.get(groupVersionPath(GROUP, STORED_VERSION), options);
      if (this.state !== 'absent') {
        this.log.warn({}, 'the kinds of policies are not installed (manifests/crds): no policy holds');
      }
      this.state = 'absent';
      this.decide();
    } catch (error) {
      if (!this.stopping.signal.aborted) this.log.warn({ error: errorMessage(error) }, 'policies not looked for yet');
    }
    return false;
  }
}
