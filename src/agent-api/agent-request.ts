import { isRecord } from '../api/record.js';
import { badRequest } from './status-error.js';
import type { Options } from './options.js';

/*
 * What virt-webhook sends to an agent with a request: the body's options, which it has checked, and who asks. An agent
 * that is older reads none of it.
 */

export interface AgentRequest {
  readonly options: Options;
  /** The user's name, as the API server vouches for it; empty: not known, by a webhook that is older. */
  readonly user: string;
}

/** What nobody in particular asks for, without options. */
export const PLAIN_REQUEST: AgentRequest = { options: {}, user: '' };

/** The largest body of an action, in a JSON text, and the words around it. Bytes. */
export const AGENT_REQUEST_BYTES = 640 * 1024;

export const writeAgentRequest = ({ options, user }: AgentRequest): string => JSON.stringify({ options, user });

/** @throws StatusError 400 */
export const readAgentRequest = (body: string): AgentRequest => {
  if (body === '') return PLAIN_REQUEST;
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    throw badRequest('the request to the agent is not JSON');
  }
  const { options, user } = isRecord(said) ? said : {};
  if (!isRecord(options) || typeof user !== 'string') throw badRequest('the request to the agent has no options');
  return { options, user };
};
