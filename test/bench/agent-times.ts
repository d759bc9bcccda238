import { kubectl } from '../e2e/support/kubectl.js';

/** What the agent's log says of its own steps of a start. */
export interface AgentTimes {
  readonly volumesMs: number;
  readonly defineMs: number;
  readonly startMs: number;
}

/** Of the last start of a VM. @throws Error when the log has none */
export const agentTimes = async (namespace: string, name: string): Promise<AgentTimes> => {
  const args = ['-n', 'kubevirt', 'logs', '-l', 'kubevirt.io=virt-agent', '--tail=200', '-c', 'virt-agent'];
  for (const line of (await kubectl(args)).split('\n').reverse()) {
    if (!line.includes('"VM started"')) continue;
    const entry = JSON.parse(line) as AgentTimes & { vmi: string };
    if (entry.vmi === `${namespace}/${name}`) return entry;
  }
  throw new Error(`the agent's log has no "VM started" of ${name}`);
};
