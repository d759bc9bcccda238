import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { callAgent, openAgentConsole, type AgentCredentials, type AgentTarget } from './agent-client.js';
import { checkConsole, checkPause, checkReset, checkSoftReboot, checkUnpause } from './instance-checks.js';
import { parseOptions, pauseOptions } from './options.js';
import type { RequestTarget } from './request-path.js';
import { conflict, notFound } from './status-error.js';
import type { ClusterStore } from './store.js';

/** What is asked of a running VMI, and so of the agent on its node (spec/control.md §2.5, §3.2). */
export type InstanceAction = 'pause' | 'unpause' | 'softreboot' | 'reset';

const checks: Record<InstanceAction | 'console', (vmi: VirtualMachineInstance) => void> = {
  pause: checkPause,
  unpause: checkUnpause,
  softreboot: checkSoftReboot,
  reset: checkReset,
  console: checkConsole,
};

const locate = async (
  store: ClusterStore,
  { namespace, name }: RequestTarget,
  action: InstanceAction | 'console',
): Promise<AgentTarget> => {
  const vmi = await store.virtualMachineInstance(namespace, name);
  if (vmi === undefined) throw notFound('virtualmachineinstances', name);
  checks[action](vmi);
  const node = vmi.status?.nodeName;
  const address = node === undefined ? undefined : await store.agentAddress(node);
  if (node === undefined || address === undefined) {
    throw conflict('virtualmachineinstances', name, `no virt-agent is ready on its node ${node ?? '(none yet)'}`);
  }
  return { address, node, namespace, name };
};

/** @throws StatusError 404, 409, or what the agent answered */
export const actOnInstance = async (
  store: ClusterStore,
  credentials: AgentCredentials,
  target: RequestTarget,
  action: InstanceAction,
  body: string,
): Promise<void> => {
  const options = parseOptions(body, action === 'pause' || action === 'unpause' ? pauseOptions : {}) as {
    dryRun?: readonly string[];
  };
  const agent = await locate(store, target, action);
  if (options.dryRun === undefined || options.dryRun.length === 0) await callAgent(agent, action, credentials);
};

/** Opens the agent's end of a console, before the client's end is upgraded: a failure is still an HTTP answer. */
export const connectConsole = async (store: ClusterStore, credentials: AgentCredentials, target: RequestTarget) =>
  openAgentConsole(await locate(store, target, 'console'), credentials);
