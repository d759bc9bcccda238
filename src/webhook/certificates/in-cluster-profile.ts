import { AGENT_CLIENT_NAME, AGENT_SERVER_NAME, nodeUri } from '../../agent-api/identity.js';
import type { LeafProfile, LeafProfiles } from './certificate-plan.js';

const SERVICE = 'virt-webhook';

export const clusterProfiles = (namespace: string): LeafProfiles => ({
  serving: {
    commonName: `${SERVICE}.${namespace}.svc`,
    names: [
      `${SERVICE}.${namespace}.svc`,
      `${SERVICE}.${namespace}`,
      SERVICE,
      `${SERVICE}.${namespace}.svc.cluster.local`,
    ],
    usage: 'server',
  },
  agentClient: { commonName: AGENT_CLIENT_NAME, names: [], usage: 'client' },
});

/** The certificate of the agent of a node. */
export const agentProfile = (node: string): LeafProfile => ({
  commonName: AGENT_SERVER_NAME,
  names: [nodeUri(node)],
  usage: 'server',
});
