import { type KubernetesObject, objectKey } from '../types.js';

/** From an object to the values it is found by. */
export type IndexFunction<T> = (object: T) => string[];

/** The last known state of every object, by `namespace/name`, with indices kept in step. */
export class Store<T extends KubernetesObject> {
  private readonly objects = new Map<string, T>();
  private readonly indices = new Map<string, { of: IndexFunction<T>; keys: Map<string, Set<string>> }>();

  constructor(indices: Record<string, IndexFunction<T>> = {}) {
    for (const [name, of] of Object.entries(indices)) this.indices.set(name, { of, keys: new Map() });
  }

  get size(): number {
    return this.objects.size;
  }

  get(key: string): T | undefined {
    return this.objects.get(key);
  }

  keys(): string[] {
    return [...this.objects.keys()];
  }

  list(namespace?: string): T[] {
    const all = [...this.objects.values()];
    return namespace ? all.filter((object) => object.metadata?.namespace === namespace) : all;
  }

  /** @throws RangeError for an index that was not declared: a mistake in the program. */
  byIndex(name: string, value: string): T[] {
    const index = this.indices.get(name);
    if (!index) throw new RangeError(`the store has no index "${name}"`);
    return [...(index.keys.get(value) ?? [])].flatMap((key) => this.objects.get(key) ?? []);
  }

  /** Returns what was there before. */
  set(object: T): T | undefined {
    const key = objectKey(object);
    const old = this.objects.get(key);
    if (old) this.unindex(key, old);
    this.objects.set(key, object);
    for (const { of, keys } of this.indices.values()) {
      for (const value of of(object)) {
        const set = keys.get(value) ?? new Set<string>();
        keys.set(value, set.add(key));
      }
    }
    return old;
  }

  delete(key: string): T | undefined {
    const old = this.objects.get(key);
    if (!old) return undefined;
    this.unindex(key, old);
    this.objects.delete(key);
    return old;
  }

  private unindex(key: string, object: T): void {
    for (const { of, keys } of this.indices.values()) {
      for (const value of of(object)) {
        const set = keys.get(value);
        set?.delete(key);
        if (set?.size === 0) keys.delete(value);
      }
    }
  }
}
