import assert from 'node:assert/strict';
import { ensureRealtime, mayLockMemory } from '../../../../src/agent/vm/memory-rights.js';
import type { StartNotice } from '../../../../src/agent/vm/start-notice.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { realtimeVcpus } from '../../../../src/api/vmi/realtime.js';
import { config, vmi } from '../../domain/fixtures.js';

type Domain = VirtualMachineInstance['spec']['domain'];

const DENIED = 'the agent lacks the capability SYS_RESOURCE on this node';
const required: Partial<Domain> = { memory: { guest: '1Gi', reservedOverhead: { memLock: 'Required' } } };
const guaranteed: Partial<Domain> = { resources: { limits: { memory: '1Gi', cpu: 1 } }, memory: { guest: '1Gi' } };
const overcommitted: Partial<Domain> = { memory: { guest: '2Gi' }, resources: { requests: { memory: '1Gi' } } };

/** Whether it is locked, whether the right was asked for, and what its owner is told. */
const ask = async (
  domain: Partial<Domain>,
  memoryLocking?: 'Auto' | 'Always' | 'Never',
  { nodeHasSwap = false, denied = undefined as string | undefined } = {},
) => {
  const notices: StartNotice[] = [];
  let raised = 0;
  const locked = await mayLockMemory({
    vmi: vmi({}, domain),
    config: config(memoryLocking === undefined ? {} : { memoryLocking }),
    nodeHasSwap,
    launcher: {
      raiseMemoryLock: () => {
        raised += 1;
        return Promise.resolve(denied === undefined ? {} : { denied });
      },
    },
    notice: (notice) => notices.push(notice),
  });
  return {
    locked,
    raised,
    reasons: notices.map(({ reason }) => reason),
    messages: notices.map(({ message }) => message),
  };
};

describe('locked memory', () => {
  it('is for VMs of class Guaranteed on nodes with swap, where nobody says', async () => {
    assert.equal((await ask(guaranteed, undefined, { nodeHasSwap: true })).locked, true);
    assert.deepEqual(await ask(guaranteed), { locked: false, raised: 0, reasons: [], messages: [] });
    assert.equal((await ask(overcommitted, undefined, { nodeHasSwap: true })).locked, false);
    assert.equal((await ask({ ...guaranteed, memory: { guest: '2Gi' } }, 'Auto', { nodeHasSwap: true })).locked, false);
  });

  it('is for whoever asks, and for nobody who declines', async () => {
    assert.equal((await ask(required, 'Never')).locked, true);
    const no = { ...guaranteed, memory: { guest: '1Gi', reservedOverhead: { memLock: 'NotRequired' as const } } };
    for (const policy of ['Auto', 'Always', 'Never'] as const)
      assert.equal((await ask(no, policy, { nodeHasSwap: true })).raised, 0, policy);
    assert.equal((await ask(guaranteed, 'Never', { nodeHasSwap: true })).locked, false);
  });

  it('is for all under Always, but for overcommitted VMs, whose owners are told', async () => {
    assert.equal((await ask({}, 'Always')).locked, true);
    const { locked, raised, reasons } = await ask(overcommitted, 'Always');
    assert.deepEqual([locked, raised, reasons], [false, 0, ['MemoryLockSkipped']]);
  });

  it('that a VM must have and cannot keeps it from starting: field, value and remedy', async () => {
    await assert.rejects(ask(required, undefined, { denied: DENIED }), {
      message: `spec.domain.memory.reservedOverhead.memLock: Required, but ${DENIED}: give virt-agent that capability (docs/density.md, Locked memory), or write NotRequired`,
    });
  });

  it('that a policy wants and cannot have is told, and the VM starts', async () => {
    const { locked, reasons, messages } = await ask({}, 'Always', { denied: DENIED });
    assert.deepEqual([locked, reasons], [false, ['MemoryLockUnavailable']]);
    assert.match(messages[0]!, /memoryLocking of the KubeVirt object is Always, but .*SYS_RESOURCE.*write Never/);
    assert.ok(messages[0]!.length <= 300);
  });

  it('is never asked for by a policy where the guest is made of huge pages', async () => {
    const huge: Partial<Domain> = { memory: { guest: '1Gi', hugepages: { pageSize: '2Mi' } } };
    assert.equal((await ask(huge, 'Always', { nodeHasSwap: true })).raised, 0);
  });
});

describe('real time', () => {
  const realtime = (mask?: string): VirtualMachineInstance =>
    vmi({}, { cpu: { cores: 4, realtime: mask === undefined ? {} : { mask } } });

  it('is for the vCPUs of the mask, or all', () => {
    assert.deepEqual(realtimeVcpus(realtime().spec), [0, 1, 2, 3]);
    assert.deepEqual(realtimeVcpus(realtime('0-3,^1').spec), [0, 2, 3]);
    for (const wrong of ['4', '0-', 'x', '3-1', '0,^0', '1'.repeat(2000)])
      assert.equal(realtimeVcpus(realtime(wrong).spec), undefined, wrong);
  });

  it('is refused by name where the node does not give it', async () => {
    const asked: (readonly number[])[] = [];
    const launcher = {
      scheduleRealtime: (vcpus: readonly number[]) => {
        asked.push(vcpus);
        return Promise.resolve(asked.length === 1 ? {} : { denied: 'no budget' });
      },
    };
    await ensureRealtime(vmi(), launcher);
    await ensureRealtime(realtime('1'), launcher);
    await assert.rejects(ensureRealtime(realtime(), launcher), /no budget: give it that .* or remove the field/);
    assert.deepEqual(asked, [[1], [0, 1, 2, 3]]);
  });
});
