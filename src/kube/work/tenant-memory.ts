/** Objects of one tenant and tenants: with 200 bytes each at most 26 MiB, which no cluster comes near. */
const PER_TENANT = 512;
const TENANTS = 256;

/**
 * What is remembered of tenants' objects, within bounds: of a tenant that has more, its oldest are forgotten and nobody
 * else's; of too many tenants, the one that was not heard of for the longest time.
 */
export class TenantMemory<T> {
  private readonly tenants = new Map<string, Map<string, T>>();

  constructor(
    private readonly perTenant: number = PER_TENANT,
    private readonly maxTenants: number = TENANTS,
  ) {}

  get(tenant: string, key: string): T | undefined {
    return this.tenants.get(tenant)?.get(key);
  }

  set(tenant: string, key: string, value: T): void {
    const own = this.tenants.get(tenant) ?? new Map<string, T>();
    // Inserted again, so that the order is that of the last use.
    this.tenants.delete(tenant);
    this.tenants.set(tenant, own);
    own.delete(key);
    own.set(key, value);
    forgetOldest(own, this.perTenant);
    forgetOldest(this.tenants, this.maxTenants);
  }

  /** Entries of all tenants. */
  get size(): number {
    return [...this.tenants.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

const forgetOldest = (map: Map<string, unknown>, most: number): void => {
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
};
