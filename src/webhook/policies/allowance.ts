/**
 * What of something all of a tenant's objects may have together, and those of all tenants. Who has too much is told so
 * for the object that was one too many, not for those of others.
 */
export class Allowance {
  private readonly sizes = new Map<string, Map<string, number>>();
  private total = 0;

  constructor(
    private readonly perTenant: number,
    private readonly all: number,
  ) {}

  /** Takes what an object needs, in place of what it had. @returns whether there was so much */
  take(tenant: string, key: string, size: number): boolean {
    this.free(tenant, key);
    const own = this.sizes.get(tenant) ?? new Map<string, number>();
    const used = [...own.values()].reduce((sum, each) => sum + each, 0);
    if (used + size > this.perTenant || this.total + size > this.all) return false;
    own.set(key, size);
    this.sizes.set(tenant, own);
    this.total += size;
    return true;
  }

  free(tenant: string, key: string): void {
    const own = this.sizes.get(tenant);
    this.total -= own?.get(key) ?? 0;
    own?.delete(key);
    if (own?.size === 0) this.sizes.delete(tenant);
  }
}
