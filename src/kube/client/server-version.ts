import type { KubeClient } from './client.js';

/**
 * The second number of the API server's version, as in 1.30; what the programs do depends on no other part of it.
 * @throws what the API server answers
 */
export const serverMinor = async (client: Pick<KubeClient, 'get'>): Promise<number> => {
  const { major = '0', minor = '0' } = await client.get<{ major?: string; minor?: string }>('/version');
  // Managed clusters write "30+". A Kubernetes 2 has all that a Kubernetes 1 had.
  return Number.parseInt(major, 10) > 1 ? Number.POSITIVE_INFINITY : Number.parseInt(minor, 10);
};

/**
 * From which minor version of Kubernetes 1 on something is otherwise, by default and not behind a gate. Who does it:
 * docs/adr/0018.
 */
export const SINCE = {
  /** The sysctl that lets passt serve low ports is safe: `net.ipv4.ip_unprivileged_port_start`. */
  portSysctl: 22,
  /** A webhook's `matchConditions` spare it calls. */
  matchConditions: 28,
  /** `securityContext.appArmorProfile` exists; from 1.36 on the API server makes it of the annotation no more. */
  appArmorField: 30,
  /** `selectableFields` of a CustomResourceDefinition: overlays/kubernetes-1.31. */
  selectableFields: 31,
} as const;
