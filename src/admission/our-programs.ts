import { accountName, AGENT_ACCOUNT, nodeOfToken, type NodeOfPod } from '../agent-api/token.js';
import { INSTALL_NAMESPACE } from '../api/names.js';
import type { RequestUser } from './types.js';

const PROGRAMS = ['virt-webhook', 'virt-controller', AGENT_ACCOUNT];

/** Whether a user is the service account of one of our own programs, which may change what users may not. */
export const isOurProgram = (username: string | undefined, namespace = INSTALL_NAMESPACE): boolean =>
  PROGRAMS.some((program) => username === accountName(namespace, program));

/** The agent of some node, as far as its token says which. */
export interface Agent {
  readonly node?: string;
}

/**
 * The agent that makes a request; undefined where the caller is another one. An agent runs on every node, so an
 * attacker who broke into one node may do what its service account may do: its requests are checked more closely.
 */
export const agentOf = (
  user: RequestUser | undefined,
  namespace = INSTALL_NAMESPACE,
  nodeOfPod: NodeOfPod = () => undefined,
): Agent | undefined => {
  if (user?.username !== accountName(namespace, AGENT_ACCOUNT)) return undefined;
  const node = nodeOfToken(user.extra ?? {}, nodeOfPod);
  return node === undefined ? {} : { node };
};
