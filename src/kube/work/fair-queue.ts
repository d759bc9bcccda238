/** Where a queue of this many taken items is cut; below it the memory is not worth the copy. */
const CUT_AT = 1024;

/**
 * First in, first out, at a cost per item that does not grow with the queue (`Array.shift` and the first of a `Set`
 * do).
 */
export class Fifo<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.items[this.head];
    // What was taken must not be held in memory by the queue.
    this.items[this.head] = undefined;
    this.head += 1;
    if (this.head === this.items.length) {
      this.items = [];
      this.head = 0;
    } else if (this.head >= CUT_AT && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}

/**
 * Items of tenants. Tenants take turns: a tenant with one item waits for one item of each other tenant at most,
 * however many they have. Items of one tenant keep their order.
 */
export class FairQueue<T> {
  /** A tenant is here as long as it is in `turns`. */
  private readonly items = new Map<string, Fifo<T>>();
  private turns: string[] = [];
  private total = 0;

  get size(): number {
    return this.total;
  }

  push(tenant: string, item: T): void {
    let own = this.items.get(tenant);
    if (own === undefined) {
      own = new Fifo<T>();
      this.items.set(tenant, own);
      this.turns.push(tenant);
    }
    own.push(item);
    this.total += 1;
  }

  /** The next item of the tenant whose turn it is; with a condition, of the first tenant that fulfils it. */
  shift(of: (tenant: string) => boolean = () => true): T | undefined {
    const at = this.turns.findIndex(of);
    const tenant = this.turns[at];
    if (tenant === undefined) return undefined;
    this.turns.splice(at, 1);
    const own = this.items.get(tenant);
    const item = own?.shift();
    if (own === undefined || own.size === 0) this.items.delete(tenant);
    else this.turns.push(tenant);
    this.total -= 1;
    return item;
  }

  /** Whether {@link shift} would find something. */
  some(of: (tenant: string) => boolean): boolean {
    return this.turns.some(of);
  }

  clear(): void {
    this.items.clear();
    this.turns = [];
    this.total = 0;
  }
}

/** Whose an object is: its namespace. Of a key `namespace/name`; what has no namespace is one tenant's. */
export const tenantOfKey = (key: string): string => key.slice(0, Math.max(0, key.indexOf('/')));
