import { setImmediate as turn } from 'node:timers/promises';
import type { Cause } from '../../api/cause.js';
import { expressionText, MAX_NAMESPACED_TEXT, MAX_NAMESPACE_TEXT } from '../../policies/policy-text.js';
import type { CompiledPolicy, PolicyCompilation } from '../../policies/compile-policy.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { Log } from '../../kube/program/log.js';
import { objectKey, type KubernetesObject } from '../../kube/types.js';
import { FairQueue } from '../../kube/work/fair-queue.js';
import { Allowance } from './allowance.js';
import { ExceptionList } from './exception-list.js';
import { Slices } from './slices.js';
import { PolicySnapshot, type Engine, type Identity } from './snapshot.js';

/** While there is always more to compile, what is ready comes into force so often. */
const PUBLISH_MS = 500;
/** The tenant whose policies and exceptions are nobody's namespace's. */
const CLUSTER = '';

export interface PolicyLoaderOptions {
  readonly log: Log;
  /** Undefined: there are no policies, and requests need not ask. */
  readonly publish: (snapshot: PolicySnapshot | undefined) => void;
}

interface Loaded {
  /** Of which version of the object it was compiled. */
  readonly object: KubernetesObject;
  readonly policy: CompiledPolicy;
}

interface Entry {
  readonly what: 'policy' | 'exception';
  readonly key: string;
}

const namespaceOf = ({ metadata }: KubernetesObject): string => metadata?.namespace ?? CLUSTER;

/** The same text: a write of the status, or of annotations alone. */
const isSameSpec = (one: KubernetesObject, other: KubernetesObject): boolean =>
  one.metadata?.generation !== undefined &&
  one.metadata.generation === other.metadata?.generation &&
  one.metadata.uid === other.metadata.uid;

const TOO_MUCH: Cause = {
  type: 'FieldValueInvalid',
  field: 'spec',
  message: `the expressions of this namespace's policies have more than ${MAX_NAMESPACE_TEXT} characters together, or those of all namespaces more than ${MAX_NAMESPACED_TEXT}; shorten them`,
};

/**
 * Compiles policies as they change, each once, in slices: those of the cluster first, then namespaces in turns, so that
 * nobody who writes policy after policy keeps others' from coming into force.
 */
export class PolicyLoader {
  /** The newest version of each policy. */
  private readonly objects = new Map<string, KubernetesObject>();
  private readonly loaded = new Map<string, Loaded>();
  private readonly storedExceptions = new Map<string, KubernetesObject>();
  private readonly exceptions = new ExceptionList();
  private readonly texts = new Allowance(MAX_NAMESPACE_TEXT, MAX_NAMESPACED_TEXT);
  private readonly waiting = new FairQueue<Entry>();
  private readonly queued = new Set<string>();
  private readonly slices = new Slices();
  /** Those of a namespace that were there when the program began, and are not compiled yet. */
  private pending = new Set<string>();
  private isDirty = false;
  private running: Promise<void> | undefined;
  private engine: Engine | undefined;

  constructor(private readonly options: PolicyLoaderOptions) {}

  policyChanged(object: KubernetesObject): void {
    this.objects.set(objectKey(object), object);
    this.enqueue(object, { what: 'policy', key: objectKey(object) });
  }

  policyGone(object: KubernetesObject): void {
    const key = objectKey(object);
    this.objects.delete(key);
    this.loaded.delete(key);
    this.pending.delete(key);
    this.texts.free(namespaceOf(object), key);
    this.changed();
  }

  exceptionChanged(object: KubernetesObject): void {
    this.storedExceptions.set(objectKey(object), object);
    this.enqueue(object, { what: 'exception', key: objectKey(object) });
  }

  exceptionGone(object: KubernetesObject): void {
    this.storedExceptions.delete(objectKey(object));
    this.exceptions.delete(object);
    this.changed();
  }

  /** Resolves when everything so far is in force. */
  async idle(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  /**
   * Everything has been read for the first time. Resolves when the cluster's policies are in force; a namespace whose
   * own take longer than `patience` waits for them alone.
   */
  async begin(patience: Promise<void>): Promise<void> {
    await Promise.race([this.idle(), patience]);
    const missing = (): string[] => [...this.objects.keys()].filter((key) => !this.loaded.has(key));
    while (missing().some((key) => !key.includes('/'))) await turn();
    this.pending = new Set(missing());
    if (this.isDirty || this.pending.size > 0) this.publish();
  }

  private enqueue(object: KubernetesObject, entry: Entry): void {
    const id = `${entry.what} ${entry.key}`;
    if (!this.queued.has(id)) this.waiting.push(namespaceOf(object), entry);
    this.queued.add(id);
    this.changed();
  }

  private changed(): void {
    this.isDirty = true;
    this.running ??= this.work()
      .catch((error: unknown) => {
        this.options.log.error({ error: errorMessage(error) }, 'policies could not be loaded');
      })
      .finally(() => {
        this.running = undefined;
        if (this.isDirty) this.changed();
      });
  }

  private async work(): Promise<void> {
    this.engine ??= await import('./engine.js');
    // What arrives together is in force together.
    await turn();
    const { engine } = this;
    let published = performance.now();
    while (this.isDirty || this.waiting.size > 0) {
      await this.loadCluster(engine);
      const entry = this.waiting.shift();
      if (entry !== undefined) await this.load(engine, entry);
      if (this.waiting.size > 0 && performance.now() - published < PUBLISH_MS) continue;
      this.publish();
      published = performance.now();
    }
  }

  /** Whatever else is being compiled. @returns whether there were any */
  private async loadCluster(engine: Engine): Promise<boolean> {
    const isCluster = (tenant: string): boolean => tenant === CLUSTER;
    if (!this.waiting.some(isCluster)) return false;
    for (let entry = this.waiting.shift(isCluster); entry !== undefined; entry = this.waiting.shift(isCluster)) {
      await this.load(engine, entry);
    }
    return true;
  }

  private async load(engine: Engine, { what, key }: Entry): Promise<void> {
    this.queued.delete(`${what} ${key}`);
    if (what === 'exception') await this.loadException(engine, key);
    else await this.loadPolicy(engine, key);
    this.isDirty = true;
  }

  private async loadPolicy(engine: Engine, key: string): Promise<void> {
    const object = this.objects.get(key);
    if (object === undefined) return;
    const before = this.loaded.get(key);
    const policy =
      before !== undefined && isSameSpec(before.object, object)
        ? { ...before.policy, annotations: object.metadata?.annotations ?? {} }
        : await this.compile(engine, object);
    // It may have been deleted meanwhile, and made again; what is only newer follows.
    if (this.objects.get(key)?.metadata?.uid !== object.metadata?.uid) return;
    this.loaded.set(key, { object, policy });
    this.options.log.debug({ policy: key }, 'policy compiled');
    this.pending.delete(key);
    this.isDirty = true;
    for (const exception of this.exceptions.withConditions()) {
      await this.run(engine, engine.preparing(exception, policy), exception.namespace);
    }
  }

  private async compile(engine: Engine, object: KubernetesObject): Promise<CompiledPolicy> {
    const { policy, causes } = await this.compilation(engine, object);
    if (policy === undefined) {
      const fields = { policy: objectKey(object), error: causes[0]?.message };
      this.options.log.warn(fields, 'a stored policy does not compile: its failurePolicy decides');
      return engine.brokenPolicy(object, causes);
    }
    return policy;
  }

  private async compilation(
    engine: Engine,
    object: KubernetesObject,
  ): Promise<Pick<PolicyCompilation, 'policy' | 'causes'>> {
    const namespace = namespaceOf(object);
    const { spec } = object as { spec?: unknown };
    if (namespace !== CLUSTER && !this.texts.take(namespace, objectKey(object), expressionText(spec))) {
      return { policy: undefined, causes: [TOO_MUCH] };
    }
    try {
      return await this.run(engine, engine.compilingPolicy(object, { warn: false }), namespace);
    } catch (error) {
      const message = `virt-webhook has a defect: ${errorMessage(error)}`;
      return { policy: undefined, causes: [{ type: 'FieldValueInvalid', field: 'spec', message }] };
    }
  }

  private run<T>(engine: Engine, steps: Generator<void, T>, namespace: string): Promise<T> {
    return namespace === CLUSTER
      ? this.slices.run(steps, false)
      : this.slices.run(steps, true, async () => {
          if (await this.loadCluster(engine)) this.publish();
        });
  }

  private async loadException(engine: Engine, key: string): Promise<void> {
    const object = this.storedExceptions.get(key);
    if (object === undefined) return;
    const exception = engine.readStoredException(object);
    if ('spec' in exception && exception.spec.conditions !== undefined) {
      for (const { policy } of [...this.loaded.values()]) {
        await this.run(engine, engine.preparing(exception, policy), exception.namespace);
      }
    }
    if (!this.storedExceptions.has(key)) return;
    const problem = 'spec' in exception ? this.exceptions.set(exception) : (exception[0]?.message ?? '');
    if (problem === undefined) return;
    this.options.log.warn({ exception: key, error: problem }, 'a stored exception does not count');
    this.exceptions.delete(object);
  }

  private publish(): void {
    this.isDirty = false;
    this.options.publish(this.snapshot());
  }

  private snapshot(): PolicySnapshot | undefined {
    const { engine } = this;
    if (engine === undefined || (this.loaded.size === 0 && this.pending.size === 0)) return undefined;
    const policies = new Map<string, CompiledPolicy[]>();
    const identities = new Map<CompiledPolicy, Identity>();
    for (const { object, policy } of this.loaded.values()) {
      identities.set(policy, { uid: object.metadata?.uid, generation: object.metadata?.generation });
      const own = policies.get(namespaceOf(object)) ?? [];
      policies.set(namespaceOf(object), own);
      own.push(policy);
    }
    const pending = new Set(Array.from(this.pending, (key) => key.slice(0, Math.max(0, key.indexOf('/')))));
    return new PolicySnapshot({ engine, identities, pending, policies, exceptions: this.exceptions.byNamespace() });
  }
}
