import { setImmediate as turn } from 'node:timers/promises';
import type { CompiledPolicy, PolicyCompilation } from '../../policies/compile-policy.js';
import type { KnownException } from '../../policies/exceptions.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { Log } from '../../kube/program/log.js';
import { objectKey, type KubernetesObject } from '../../kube/types.js';
import { FairQueue } from '../../kube/work/fair-queue.js';
import { PolicySnapshot, type Engine, type Identity } from './snapshot.js';

/** CPU that requests wait for at most, but for an expression that takes longer by itself (some 3 ms at most). */
const SLICE_MS = 10;
/** While there is always more to compile, what is ready comes into force so often. */
const PUBLISH_MS = 500;

export interface PolicyLoaderOptions {
  readonly log: Log;
  /** Undefined: there are neither policies nor exceptions, and requests need not ask. */
  readonly publish: (snapshot: PolicySnapshot | undefined) => void;
}

const namespaceOf = ({ metadata }: KubernetesObject): string => metadata?.namespace ?? '';

/** The same text under the same rules: a write of the status, or of annotations alone. */
const isSameSpec = (one: KubernetesObject, other: KubernetesObject): boolean =>
  one.metadata?.generation !== undefined &&
  one.metadata.generation === other.metadata?.generation &&
  one.metadata.uid === other.metadata.uid;

interface Loaded {
  /** Of which version of the object it was compiled. */
  readonly object: KubernetesObject;
  readonly policy: CompiledPolicy;
}

/**
 * Compiles policies as they change, each once, in slices; namespaces take turns, so nobody who writes policy after
 * policy keeps others' from coming into force.
 */
export class PolicyLoader {
  /** The newest version of each policy. */
  private readonly objects = new Map<string, KubernetesObject>();
  private readonly loaded = new Map<string, Loaded>();
  private readonly exceptions = new Map<string, Map<string, KnownException>>();
  /** As the snapshots have them: a list of a namespace is the same until one of its exceptions changes. */
  private readonly exceptionLists = new Map<string, readonly KnownException[]>();
  private readonly storedExceptions = new Map<string, KubernetesObject>();
  private readonly waiting = new FairQueue<string>();
  private readonly queued = new Set<string>();
  private isDirty = false;
  private running: Promise<void> | undefined;
  private engine: Engine | undefined;

  constructor(private readonly options: PolicyLoaderOptions) {}

  policyChanged(object: KubernetesObject): void {
    this.objects.set(objectKey(object), object);
    this.enqueue(object, `policy ${objectKey(object)}`);
  }

  policyGone(object: KubernetesObject): void {
    this.objects.delete(objectKey(object));
    this.loaded.delete(objectKey(object));
    this.changed();
  }

  exceptionChanged(object: KubernetesObject): void {
    this.storedExceptions.set(objectKey(object), object);
    this.enqueue(object, `exception ${objectKey(object)}`);
  }

  exceptionGone(object: KubernetesObject): void {
    this.storedExceptions.delete(objectKey(object));
    this.forget(object);
    this.changed();
  }

  /** Resolves when everything so far is in force. */
  async idle(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  private enqueue(object: KubernetesObject, key: string): void {
    if (!this.queued.has(key)) this.waiting.push(namespaceOf(object), key);
    this.queued.add(key);
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
    const slices = new Slices();
    let published = performance.now();
    while (this.isDirty || this.waiting.size > 0) {
      const key = this.waiting.shift();
      if (key !== undefined) {
        this.queued.delete(key);
        await this.load(engine, key, slices);
      }
      if (this.waiting.size > 0 && performance.now() - published < PUBLISH_MS) continue;
      this.isDirty = false;
      this.options.publish(this.snapshot(engine));
      published = performance.now();
    }
  }

  private async load(engine: Engine, entry: string, slices: Slices): Promise<void> {
    const [what, key = ''] = entry.split(' ');
    if (what === 'exception') await this.loadException(engine, key, slices);
    else await this.loadPolicy(engine, key, slices);
    this.isDirty = true;
  }

  private async loadPolicy(engine: Engine, key: string, slices: Slices): Promise<void> {
    const object = this.objects.get(key);
    if (object === undefined) return;
    const before = this.loaded.get(key);
    let policy: CompiledPolicy;
    if (before !== undefined && isSameSpec(before.object, object)) {
      policy = { ...before.policy, annotations: object.metadata?.annotations ?? {} };
    } else {
      policy = await this.compile(engine, object, slices);
      for (const exception of this.exceptionsWithConditions()) {
        await slices.run(engine.preparing(exception, policy));
      }
    }
    // It may have been deleted meanwhile, and made again; what is only newer follows.
    if (this.objects.get(key)?.metadata?.uid === object.metadata?.uid) this.loaded.set(key, { object, policy });
  }

  private async compile(engine: Engine, object: KubernetesObject, slices: Slices): Promise<CompiledPolicy> {
    let compilation: PolicyCompilation;
    try {
      compilation = await slices.run(engine.compilingPolicy(object, { warn: false }));
    } catch (error) {
      const message = `virt-webhook has a defect: ${errorMessage(error)}`;
      compilation = {
        policy: undefined,
        causes: [{ type: 'FieldValueInvalid', field: 'spec', message }],
        warnings: [],
      };
    }
    const { policy, causes } = compilation;
    if (policy !== undefined) return policy;
    const fields = { policy: objectKey(object), error: causes[0]?.message };
    this.options.log.warn(fields, 'a stored policy does not compile: its failurePolicy decides');
    return engine.brokenPolicy(object, causes);
  }

  private async loadException(engine: Engine, key: string, slices: Slices): Promise<void> {
    const object = this.storedExceptions.get(key);
    if (object === undefined) return;
    const exception = engine.readException(object);
    if (!('spec' in exception)) {
      this.options.log.warn({ exception: key, error: exception[0]?.message }, 'a stored exception does not count');
      this.forget(object);
      return;
    }
    const own = this.exceptions.get(exception.namespace) ?? new Map<string, KnownException>();
    this.exceptions.set(exception.namespace, own);
    own.set(exception.name, exception);
    this.exceptionLists.delete(exception.namespace);
    if (exception.spec.conditions === undefined) return;
    for (const { policy } of [...this.loaded.values()]) await slices.run(engine.preparing(exception, policy));
  }

  private forget({ metadata }: KubernetesObject): void {
    const namespace = metadata?.namespace ?? '';
    const own = this.exceptions.get(namespace);
    if (own?.delete(metadata?.name ?? '') !== true) return;
    if (own.size === 0) this.exceptions.delete(namespace);
    this.exceptionLists.delete(namespace);
  }

  private exceptionsWithConditions(): KnownException[] {
    return [...this.exceptions.values()].flatMap((own) =>
      [...own.values()].filter(({ spec }) => spec.conditions !== undefined),
    );
  }

  private snapshot(engine: Engine): PolicySnapshot | undefined {
    if (this.loaded.size === 0) return undefined;
    const policies = new Map<string, CompiledPolicy[]>();
    const identities = new Map<CompiledPolicy, Identity>();
    for (const { object, policy } of this.loaded.values()) {
      identities.set(policy, { uid: object.metadata?.uid, generation: object.metadata?.generation });
      const own = policies.get(namespaceOf(object)) ?? [];
      policies.set(namespaceOf(object), own);
      own.push(policy);
    }
    for (const [namespace, own] of this.exceptions) {
      if (!this.exceptionLists.has(namespace)) this.exceptionLists.set(namespace, [...own.values()]);
    }
    for (const namespace of this.exceptionLists.keys()) {
      if (!this.exceptions.has(namespace)) this.exceptionLists.delete(namespace);
    }
    return new PolicySnapshot({ engine, identities, policies, exceptions: new Map(this.exceptionLists) });
  }
}

/** Work in steps, between which others have their turn. */
class Slices {
  private since = performance.now();

  async run<T>(steps: Generator<void, T>): Promise<T> {
    for (;;) {
      if (performance.now() - this.since > SLICE_MS) {
        await turn();
        this.since = performance.now();
      }
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }
}
