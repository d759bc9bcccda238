import { AGENT_CLIENT_NAME, AGENT_SERVER_NAME } from '../agent-api/identity.js';
import type { LeafProfiles } from './certificate-plan.js';

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
  agentServer: { commonName: AGENT_SERVER_NAME, names: [], usage: 'server' },
  agentClient: { commonName: AGENT_CLIENT_NAME, names: [], usage: 'client' },
});
