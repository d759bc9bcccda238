/*
 * Of which node an agent is, as the API server knows it. The token of a pod is bound to it: who shows one has the pod's
 * name and uid in `userInfo.extra` (Kubernetes 1.20 and newer), and the node's name too (by default from 1.30, always
 * from 1.32).
 * Source: kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin, "Bound service account tokens".
 */

export const AGENT_ACCOUNT = 'virt-agent';

/** Keys of `userInfo.extra`. */
export const TokenExtra = {
  nodeName: 'authentication.kubernetes.io/node-name',
  podName: 'authentication.kubernetes.io/pod-name',
  podUid: 'authentication.kubernetes.io/pod-uid',
} as const;

export interface TokenPod {
  readonly name: string;
  readonly uid: string;
}

/** The node on which a pod of ours runs; undefined for one that is not known. */
export type NodeOfPod = (pod: TokenPod) => string | undefined;

/** The user name of a service account of a namespace. */
export const accountName = (namespace: string, account: string): string =>
  `system:serviceaccount:${namespace}:${account}`;

/** The one text under a key. Own members only: the others are not the API server's. */
const only = (extra: Readonly<Record<string, unknown>>, key: string): string | undefined => {
  const values = Object.hasOwn(extra, key) ? extra[key] : undefined;
  const value: unknown = Array.isArray(values) && values.length === 1 ? values[0] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/**
 * The node of the pod that a token is bound to; undefined where the token names neither a node nor a pod that is known.
 */
export const nodeOfToken = (extra: Readonly<Record<string, unknown>>, nodeOfPod: NodeOfPod): string | undefined => {
  const node = only(extra, TokenExtra.nodeName);
  if (node !== undefined) return node;
  const [name, uid] = [only(extra, TokenExtra.podName), only(extra, TokenExtra.podUid)];
  return name === undefined || uid === undefined ? undefined : nodeOfPod({ name, uid });
};
