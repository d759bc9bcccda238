import { INSTALL_NAMESPACE } from '../api/names.js';
import type { RequestUser } from './types.js';

const AGENT = 'virt-agent';
const PROGRAMS = ['virt-webhook', 'virt-controller', AGENT];
/** Key of `userInfo.extra`: the node of the pod that a service account's token is bound to. */
const NODE_NAME = 'authentication.kubernetes.io/node-name';

const isAccount = (username: string | undefined, program: string, namespace = INSTALL_NAMESPACE): boolean =>
  username === `system:serviceaccount:${namespace}:${program}`;

/** Whether a user is the service account of one of our own programs, which may change what users may not. */
export const isOurProgram = (username: string | undefined, namespace?: string): boolean =>
  PROGRAMS.some((program) => isAccount(username, program, namespace));

/** The agent of some node, as far as its token tells. */
export interface Agent {
  readonly node?: string;
}

/**
 * The agent that makes a request; undefined where somebody else does. An agent runs on every node, so what its service
 * account may do is what somebody may do who broke into one: its requests are looked at more closely (spec §8).
 */
export const agentOf = (user: RequestUser | undefined, namespace?: string): Agent | undefined => {
  if (user === undefined || !isAccount(user.username, AGENT, namespace)) return undefined;
  const { extra = {} } = user;
  const names = Object.hasOwn(extra, NODE_NAME) ? extra[NODE_NAME] : undefined;
  const node: unknown = Array.isArray(names) ? names[0] : undefined;
  return typeof node === 'string' && node !== '' ? { node } : {};
};
