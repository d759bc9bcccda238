import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { PeerCertificate } from 'node:tls';
import { WebSocket } from 'ws';
import { writeAgentRequest, type AgentRequest } from '../../agent-api/agent-request.js';
import { agentPath } from '../../agent-api/agent-path.js';
import {
  HALF_CLOSE_PROTOCOL,
  MAX_FORWARD_MESSAGE_BYTES,
  writeGuestPort,
  type GuestPort,
} from '../../agent-api/forward.js';
import { AGENT_PORT, AGENT_SERVER_NAME, nodeUri } from '../../agent-api/identity.js';
import { knownCauses } from '../../agent-api/refusal.js';
import { StatusError, internalError } from '../../agent-api/status-error.js';
import { MAX_MESSAGE_BYTES, noMask, STREAM_PROTOCOL } from '../../agent-api/stream.js';
import { writeStreamQuery, type StreamQuery } from '../../agent-api/stream-query.js';
import {
  PICTURE_AT_AGENT,
  VMI_SUBRESOURCES,
  type AgentAction,
  type AgentStream,
} from '../../agent-api/vmi-subresources.js';
import { isStatusReason } from '../../api/status.js';

/** The webhook's own certificate towards agents, and the CA that signed theirs. PEM. */
export interface AgentCredentials {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface AgentTarget {
  /** The agent pod's address. */
  readonly address: string;
  /** The VMI's node: its agent's certificate must be of this node. */
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
}

/** An agent answers from memory; one that needs longer is treated as unavailable (docs/reference/control.md §3.1). */
const TIMEOUT_MS = 10_000;
/** A whole answer, and a whole picture: an agent of a stolen node could send a byte now and then, and never end. */
const WHOLE_MS = { answer: 20_000, picture: 60_000 } as const;
/** An agent's error is one Status; more than this is not from our agent. */
const MAX_ERROR_BYTES = 64 * 1024;
/** What an agent answers about a guest is some KiB; a whole node could be the guest's that left QEMU. */
const MAX_ANSWER_BYTES = 1024 * 1024;

const hostOf = (address: string) => (address.includes(':') ? `[${address}]` : address);
const pathOf = ({ namespace, name }: AgentTarget, word: AgentAction | AgentStream) => agentPath(namespace, name, word);

/**
 * Agents are reached by pod address, which no certificate names: the chain, the common name and the node identify them.
 * The node is the only alternative name, compared as a whole: a text that holds it among others is not of our making.
 */
export const checkAgentIdentity =
  (node: string) =>
  (
    _host: string,
    { subject, subjectaltname }: Pick<PeerCertificate, 'subject' | 'subjectaltname'>,
  ): Error | undefined => {
    if (subject.CN !== AGENT_SERVER_NAME)
      return new Error(`the peer's certificate is of "${String(subject.CN)}", not of an agent`);
    return subjectaltname === `URI:${nodeUri(node)}`
      ? undefined
      : new Error(`the peer's certificate is of ${subjectaltname ?? 'no node'}, not of the agent of node ${node}`);
  };

/** One connection per call: calls are rare, and the next one then meets the certificates in force by then. */
const agentFor = (credentials: AgentCredentials, node: string) =>
  new Agent({ ...credentials, checkServerIdentity: checkAgentIdentity(node), servername: '', keepAlive: false });

/** Cut off at the limit: a JSON text that was cut is none. */
const readBody = async (response: IncomingMessage, most: number): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return Buffer.concat(chunks).subarray(0, most).toString('utf8');
};

/**
 * An agent's refusal, to be carried on to the caller with its code; anything unreadable is our own 500. Public for
 * tests.
 */
export const statusFromAgent = async (response: IncomingMessage): Promise<StatusError> => {
  const body = await readBody(response, MAX_ERROR_BYTES);
  try {
    const { reason, message, details } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    // An agent of another version may have reasons for which there is no code here.
    if (typeof message === 'string') {
      const causes = knownCauses(details, message);
      return isStatusReason(reason) ? new StatusError(reason, message, causes && { causes }) : internalError(message);
    }
  } catch {
    // Not a Status: reported below with what it was.
  }
  return internalError(`the node's agent answered ${response.statusCode ?? 0}: ${body.slice(0, 200)}`);
};

const unreachable = (target: AgentTarget, error: Error) =>
  internalError(`cannot reach the agent of the VM's node at ${target.address}: ${error.message}`);

/**
 * Ends a call that is not over in time, or whose answer nobody waits for any more. Public for tests.
 * @param given up
 */
export const boundCall = (call: ClientRequest, ms: number, given: AbortSignal | undefined): void => {
  const leave = (): void => void call.destroy(new Error('nobody waits for the answer any more'));
  const timer = setTimeout(() => call.destroy(new Error(`no whole answer within ${ms / 1000} s`)), ms);
  call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  given?.addEventListener('abort', leave);
  call.once('close', () => {
    clearTimeout(timer);
    given?.removeEventListener('abort', leave);
  });
  if (given?.aborted === true) leave();
};

/**
 * What an agent answers; one that has done as it was asked and has nothing to say answers without a body. Public for
 * tests.
 */
export const answerFromAgent = async (response: IncomingMessage): Promise<unknown> => {
  const body = await readBody(response, MAX_ANSWER_BYTES);
  if (body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw internalError(`the node's agent answered what cannot be read: ${body.slice(0, 200)}`);
  }
};

/**
 * Has the agent do something to a VMI, or say something about it.
 * @param given up: nobody waits for the answer any more
 * @returns its answer; undefined where there is none
 * @throws StatusError the agent's own, or 500 when it cannot be reached
 */
export const callAgent = (
  target: AgentTarget,
  action: AgentAction,
  asked: AgentRequest,
  credentials: AgentCredentials,
  given?: AbortSignal,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error instanceof StatusError ? error : unreachable(target, error));
    const call = request(
      {
        agent: agentFor(credentials, target.node),
        method: VMI_SUBRESOURCES[action].method,
        host: target.address,
        port: AGENT_PORT,
        path: pathOf(target, action),
        timeout: TIMEOUT_MS,
      },
      (response) => {
        const ok = response.statusCode !== undefined && response.statusCode < 300;
        if (ok) answerFromAgent(response).then(resolve, failed);
        else statusFromAgent(response).then(reject, failed);
      },
    );
    boundCall(call, WHOLE_MS.answer, given);
    call.on('error', failed);
    // A GET has no body, and no question has options.
    if (VMI_SUBRESOURCES[action].method === 'GET') call.end();
    else call.end(writeAgentRequest(asked));
  });

/**
 * A picture of a VMI's screen, as its agent sends it: its head has come.
 * @param given up: nobody waits for it any more
 * @throws StatusError the agent's own, or 500 when it cannot be reached
 */
export const openAgentPicture = (
  target: AgentTarget,
  query: StreamQuery,
  credentials: AgentCredentials,
  given?: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error instanceof StatusError ? error : unreachable(target, error));
    const call = request(
      {
        agent: agentFor(credentials, target.node),
        host: target.address,
        port: AGENT_PORT,
        path: `${agentPath(target.namespace, target.name, PICTURE_AT_AGENT)}${writeStreamQuery(query)}`,
        timeout: TIMEOUT_MS,
      },
      (response) => {
        if (response.statusCode === 200) resolve(response);
        else statusFromAgent(response).then(reject, failed);
      },
    );
    boundCall(call, WHOLE_MS.picture, given);
    call.on('error', failed);
    call.end();
  });

interface AgentSocket {
  /** With its query. */
  readonly path: string;
  /** The subprotocols that are offered. */
  readonly protocols: readonly string[];
  readonly maxPayload: number;
}

/** @throws StatusError the agent's own, or 500 when it cannot be reached */
const openSocket = (
  target: AgentTarget,
  { path, protocols, maxPayload }: AgentSocket,
  credentials: AgentCredentials,
): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`wss://${hostOf(target.address)}:${AGENT_PORT}${path}`, [...protocols], {
      agent: agentFor(credentials, target.node),
      handshakeTimeout: TIMEOUT_MS,
      perMessageDeflate: false,
      generateMask: noMask,
      maxPayload,
    });
    const fail = (error: Error) => reject(unreachable(target, error));
    socket.once('open', () => {
      // Bytes may follow the handshake at once; they wait until the relay listens.
      socket.pause();
      resolve(socket);
    });
    socket.once('unexpected-response', (call, response) => {
      statusFromAgent(response)
        .then(reject, reject)
        .finally(() => call.destroy());
    });
    // Stays for good: there is no other listener until the relay adds one, and an error without a listener ends the
    // process.
    socket.on('error', fail);
  });

/**
 * Opens a stream of a VMI at its agent.
 * @throws StatusError the agent's own, or 500 when it cannot be reached
 */
export const openAgentStream = (
  target: AgentTarget,
  stream: AgentStream,
  query: StreamQuery,
  credentials: AgentCredentials,
): Promise<WebSocket> => {
  const path = `${pathOf(target, stream)}${writeStreamQuery(query)}`;
  return openSocket(target, { path, protocols: [STREAM_PROTOCOL], maxPayload: MAX_MESSAGE_BYTES }, credentials);
};

/**
 * Opens a connection to a port of a VMI's guest at its agent.
 * @param offered by the client; the agent chooses
 * @throws StatusError the agent's own, or 500 when it cannot be reached
 */
export const openAgentForward = (
  target: AgentTarget,
  port: GuestPort,
  offered: readonly string[],
  credentials: AgentCredentials,
): Promise<WebSocket> => {
  const path = agentPath(target.namespace, target.name, 'portforward', writeGuestPort(port));
  const protocols = [HALF_CLOSE_PROTOCOL, STREAM_PROTOCOL].filter(
    (one) => one === STREAM_PROTOCOL || offered.includes(one),
  );
  return openSocket(target, { path, protocols, maxPayload: MAX_FORWARD_MESSAGE_BYTES }, credentials);
};
