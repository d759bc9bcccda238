/**
 * The path of a VMI's subresource at its agent. @param below what the word is followed by, for the words that have it
 */
export const agentPath = (namespace: string, name: string, word: string, below?: string): string =>
  `/v1/namespaces/${encodeURIComponent(namespace)}/virtualmachineinstances/${encodeURIComponent(name)}/${word}${below === undefined ? '' : `/${below}`}`;

/** Its parts: namespace and name, still with their percent escapes, the word, and what is below it. */
export const AGENT_PATH = /^\/v1\/namespaces\/([^/]+)\/virtualmachineinstances\/([^/]+)\/([a-z]+)(?:\/([a-z0-9/]+))?$/;
