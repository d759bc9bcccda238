/*
 * By which names, and on which port, webhook and agents know each other. Source: docs/agent.md.
 */

/** Where every agent listens for the webhook, mutual TLS. */
export const AGENT_PORT = 8186;
/**
 * CN of an agent's serving certificate. Of which node the agent is, its one subject alternative name says: {@link
 * nodeUri}.
 */
export const AGENT_SERVER_NAME = 'kubevirt.io:system:node:virt-agent';
/** CN of the client certificate that the webhook shows to agents; an agent answers nobody else. */
export const AGENT_CLIENT_NAME = 'kubevirt.io:system:client:virt-agent';

/**
 * What an agent's certificate says of its node. A URI, because a node may be called like a host: a DNS name in a
 * certificate of our CA could stand for the webhook itself, which the API server trusts by its name.
 */
export const nodeUri = (node: string): string => `urn:kubevirt.io:node:${node}`;

/** Signer of the agents' CertificateSigningRequests (certificates.k8s.io). */
export const AGENT_SIGNER = 'kubevirt.io/virt-agent';
/** What an agent's certificate is for, in the words of a CertificateSigningRequest. */
export const AGENT_CERTIFICATE_USAGES = ['digital signature', 'server auth'] as const;

/** ConfigMap in our namespace with the CAs of which the webhook's client certificate may be; key `ca.crt`. Public. */
export const AGENT_CA_CONFIG_MAP = 'virt-agent-ca';
