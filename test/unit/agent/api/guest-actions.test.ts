import assert from 'node:assert/strict';
import { PLAIN_REQUEST } from '../../../../src/agent-api/agent-request.js';
import { NodeVms } from '../../../../src/agent/api/vm-access.js';
import { isAgentAction } from '../../../../src/agent-api/vmi-subresources.js';
import type { AgentAction } from '../../../../src/agent-api/vmi-subresources.js';
import { StatusError } from '../../../../src/agent-api/status-error.js';
import { SUBRESOURCES } from '../../../../src/agent-api/subresources.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { FakeClock } from '../../kube/fake-clock.js';

interface Guest {
  readonly state?: 'running' | 'paused' | 'off';
  readonly agent?: boolean;
  readonly acpi?: boolean;
  readonly phase?: string;
}

/** What was asked of libvirt, and which events were written, when a user asks for an action. */
const asked = async (
  action: AgentAction,
  { state = 'running', agent = false, acpi = true, phase = 'Running' }: Guest,
) => {
  const calls: string[] = [];
  const call = (name: string) => (by?: string) => {
    calls.push(by === undefined ? name : `${name} ${by}`);
    return Promise.resolve();
  };
  const vmi: VirtualMachineInstance = {
    metadata: { namespace: 'default', name: 'web' },
    spec: { domain: { devices: {}, features: { acpi: { enabled: acpi } } } },
    status: { phase },
  };
  const hypervisor = {
    observe: () => Promise.resolve({ state, xml: { guestAgentConnected: agent } }),
    ...{ pause: call('pause'), unpause: call('unpause'), reset: call('reset'), reboot: call('reboot') },
  };
  const vms = new NodeVms({
    get: () => vmi,
    sessions: { get: () => ({ require: () => hypervisor }) as never },
    events: { event: (_vmi, _type, reason) => void calls.push(`event ${reason}`) },
    log: silentLog,
    sources: { rates: { rate: () => Promise.resolve(undefined) }, clock: new FakeClock() },
  });
  try {
    assert.equal(await vms.act('default/web', action, PLAIN_REQUEST), undefined);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    calls.push(`${error.code} ${error.message}`);
  }
  return calls;
};

describe('what the agent does for a user', () => {
  it('is the word’s own call of libvirt', async () => {
    assert.deepEqual(await asked('pause', {}), ['pause']);
    assert.deepEqual(await asked('unpause', { state: 'paused' }), ['unpause']);
    assert.deepEqual(await asked('reset', { state: 'paused' }), ['reset', 'event Reset']);
    assert.deepEqual(await asked('softreboot', {}), ['reboot acpi', 'event SoftRebooted']);
    assert.deepEqual(await asked('softreboot', { agent: true }), ['reboot guest-agent', 'event SoftRebooted']);
  });

  it('is refused where the guest itself is in another state than its VMI', async () => {
    assert.match((await asked('pause', { state: 'paused' })).join(), /^409 .*"web": VMI is already paused$/);
    assert.match((await asked('softreboot', { state: 'paused' })).join(), /^409 .*"web": VMI is paused$/);
    assert.match((await asked('unpause', {})).join(), /^409 .*"web": VMI is not paused$/);
    assert.match((await asked('softreboot', { acpi: false })).join(), /^409 .*neither a guest agent nor ACPI/);
  });

  it('never reboots a guest but for softreboot, and does nothing to one that is not up', async () => {
    const commands = SUBRESOURCES.filter(({ method }) => method === 'PUT');
    const actions = commands.map(({ subresource }) => subresource).filter(isAgentAction);
    for (const action of actions) {
      assert.deepEqual(await asked(action, { state: 'off' }), ['409 default/web is not running'], action);
      assert.deepEqual(await asked(action, { phase: 'Failed' }), ['409 default/web is not running (phase Failed)']);
      if (['freeze', 'unfreeze'].includes(action)) continue;
      const calls = [...(await asked(action, {})), ...(await asked(action, { state: 'paused' }))].join();
      assert.equal(calls.includes('reboot'), action === 'softreboot', action);
    }
  });
});
