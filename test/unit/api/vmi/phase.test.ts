import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { AGENT_PHASES, isAgentPhase } from '../../../../src/agent-api/instance-status.js';
import { enterPhase, hasBeenRunning, isFinal, isHandedOver, phaseOf } from '../../../../src/api/vmi/phase.js';

const PHASES = ['Pending', 'Scheduling', 'Scheduled', 'Running', 'Succeeded', 'Failed', 'Unknown'];
const inPhase = (phase: string | undefined, nodeName?: string): VirtualMachineInstance => ({
  spec: { domain: { devices: {} } },
  status: { phase, nodeName },
});
const those = (is: (phase: string) => boolean): string[] => PHASES.filter(is);

describe('the phase of a VMI', () => {
  it('is Pending before it is written', () => {
    assert.deepEqual(
      [phaseOf({}), phaseOf(inPhase(undefined)), phaseOf(inPhase(''))],
      ['Pending', 'Pending', 'Pending'],
    );
  });

  it('says whose it is and whether it has ended', () => {
    assert.deepEqual(
      those((phase) => isFinal(inPhase(phase))),
      ['Succeeded', 'Failed'],
    );
    assert.deepEqual(
      those((phase) => isAgentPhase(phase)),
      ['Scheduled', 'Running'],
    );
    const handedOver = ['Scheduled', 'Running', 'Succeeded', 'Failed'];
    assert.deepEqual(
      those((phase) => isHandedOver(inPhase(phase, 'n1'))),
      handedOver,
    );
    assert.deepEqual(
      those((phase) => isHandedOver(inPhase(phase))),
      [],
    );
    assert.ok(!isAgentPhase(undefined) && !isAgentPhase('toString'));
  });

  it('goes where the agent may take it: what admission lets an agent write ends in a final phase', () => {
    for (const next of Object.values(AGENT_PHASES)) assert.ok(isFinal(inPhase(next.at(-1))));
  });

  it('is written with its time, once', () => {
    const running = enterPhase({ phase: 'Scheduled' }, 'Running', '2026-01-02T03:04:05Z');
    assert.deepEqual(running.phaseTransitionTimestamps, [
      { phase: 'Running', phaseTransitionTimestamp: '2026-01-02T03:04:05Z' },
    ]);
    assert.equal(enterPhase(running, 'Running', '2026-01-03T00:00:00Z'), running);
    const ended = { ...inPhase('Failed'), status: enterPhase(running, 'Failed', '2026-01-03T00:00:00Z') };
    assert.ok(hasBeenRunning(ended) && !hasBeenRunning(inPhase('Failed')));
  });
});
