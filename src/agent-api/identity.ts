/*
 * By which names, and on which port, webhook and agents know each other. Source: docs/agent.md.
 */

/** Where every agent listens for the webhook, mutual TLS. */
export const AGENT_PORT = 8186;
/** CN of an agent's serving certificate. */
export const AGENT_SERVER_NAME = 'kubevirt.io:system:node:virt-agent';
/** CN of the client certificate that the webhook shows to agents; an agent answers nobody else. */
export const AGENT_CLIENT_NAME = 'kubevirt.io:system:client:virt-agent';
