import { agentNotReady, notRunningYet } from '../../agent-api/refusal.js';
import type { GuestPort } from '../../agent-api/forward.js';
import {
  isAgentStream,
  requirePauseState,
  VMI_SUBRESOURCES,
  type AgentAction,
  type AgentForward,
  type AgentPicture,
  type AgentStream,
} from '../../agent-api/vmi-subresources.js';
import type { Options } from '../../agent-api/options.js';
import type { AgentEntry } from '../../agent-api/subresource.js';
import type { StreamQuery } from '../../agent-api/stream-query.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isTrue } from '../../api/vmi/condition.js';
import { isFinal } from '../../api/vmi/phase.js';
import { isAboutToRun } from './about-to-run.js';
import {
  callAgent,
  openAgentForward,
  openAgentPicture,
  openAgentStream,
  type AgentCredentials,
  type AgentTarget,
} from './agent-client.js';
import { parseOptions } from './options.js';
import type { RequestTarget } from './request-path.js';
import { conflict, notFound } from '../../agent-api/status-error.js';
import type { ClusterStore } from './store.js';

/* What is asked of a running VMI, and so of the agent on its node (docs/reference/control.md §2.5, §3.2). */

const locate = async (
  store: ClusterStore,
  { namespace, name }: RequestTarget,
  word: AgentAction | AgentStream | AgentPicture | AgentForward,
): Promise<AgentTarget & { readonly vmi: VirtualMachineInstance }> => {
  const vmi = await store.virtualMachineInstance(namespace, name);
  const waits = isAgentStream(word);
  if (waits && (vmi === undefined || isFinal(vmi))) {
    const vm = await store.virtualMachine(namespace, name);
    const status = vm?.status?.printableStatus ?? 'new';
    if (vm !== undefined && isAboutToRun(vm, vmi)) throw notRunningYet(`VirtualMachine ${name} is ${status}`);
  }
  if (vmi === undefined) throw notFound('virtualmachineinstances', name);
  VMI_SUBRESOURCES[word].check(vmi);
  const node = vmi.status?.nodeName;
  const address = node === undefined ? undefined : await store.agentAddress(node);
  if (node === undefined || address === undefined) {
    if (waits) throw agentNotReady(node);
    throw conflict('virtualmachineinstances', name, `no virt-agent is ready on its node ${node ?? '(none yet)'}`);
  }
  return { address, node, namespace, name, vmi };
};

/**
 * @returns the agent's answer, where it has one to give
 * @throws StatusError 404, 409, or what the agent answered
 */
export const actOnInstance = async (
  store: ClusterStore,
  credentials: AgentCredentials,
  target: RequestTarget,
  action: AgentAction,
  {
    body,
    user,
    given,
  }: {
    readonly body: string;
    readonly user: string;
    /** Up: nobody waits for the answer any more. */
    readonly given?: AbortSignal;
  },
): Promise<unknown> => {
  const { options: shape, bodyBytes }: AgentEntry = VMI_SUBRESOURCES[action];
  const options: Options = parseOptions(body, shape, bodyBytes);
  const agent = await locate(store, target, action);
  const { dryRun } = options;
  if (!Array.isArray(dryRun) || dryRun.length === 0)
    return callAgent(agent, action, { options, user }, credentials, given);
  // Nobody asks libvirt: what the status says has to do.
  requirePauseState(action, agent.vmi, isTrue(agent.vmi.status?.conditions, 'Paused'));
  return undefined;
};

/** Opens the agent's end of a stream, before the client's end is upgraded: a failure is still an HTTP answer. */
export const connectStream = async (
  store: ClusterStore,
  credentials: AgentCredentials,
  target: RequestTarget,
  stream: AgentStream,
  query: StreamQuery,
) => openAgentStream(await locate(store, target, stream), stream, query, credentials);

/**
 * The same of a connection to a port of the guest, whether its VM was named or the instance.
 * @param protocols that the client offers
 */
export const connectForward = async (
  store: ClusterStore,
  credentials: AgentCredentials,
  target: RequestTarget,
  { port, protocols }: { readonly port: GuestPort; readonly protocols: readonly string[] },
) => {
  const { namespace, name } = target;
  if (target.resource === 'virtualmachines') {
    const vm = await store.virtualMachine(namespace, name);
    if (vm === undefined) throw notFound('virtualmachines', name);
    if (vm.status?.created !== true) throw conflict('virtualmachines', name, 'VMI is not started');
  }
  return openAgentForward(await locate(store, target, 'portforward'), port, protocols, credentials);
};

/** A picture of the screen, whose head has come. @param given up: nobody waits for it any more */
export const openPicture = async (
  store: ClusterStore,
  credentials: AgentCredentials,
  target: RequestTarget,
  picture: AgentPicture,
  { query, given }: { readonly query: StreamQuery; readonly given: AbortSignal },
) => openAgentPicture(await locate(store, target, picture), query, credentials, given);
