import type { LeafProfiles } from './certificate-plan.js';

const SERVICE = 'virt-webhook';
/** The names by which webhook and agents know each other (contract with src/agent and spec/control.md §3.2). */
export const AGENT_SERVER_NAME = 'kubevirt.io:system:node:virt-agent';
export const AGENT_CLIENT_NAME = 'kubevirt.io:system:client:virt-agent';

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
