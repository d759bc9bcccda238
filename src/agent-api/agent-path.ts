/** The path of a VMI's subresource at its agent. */
export const agentPath = (namespace: string, name: string, word: string): string =>
  `/v1/namespaces/${encodeURIComponent(namespace)}/virtualmachineinstances/${encodeURIComponent(name)}/${word}`;

/** Its parts: namespace and name, still with their percent escapes, and the word. */
export const AGENT_PATH = /^\/v1\/namespaces\/([^/]+)\/virtualmachineinstances\/([^/]+)\/([a-z]+)$/;
