import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { StatusError } from '../../../src/agent-api/status-error.js';
import { isAgentAction, isAgentStream, VMI_SUBRESOURCES } from '../../../src/agent-api/vmi-subresources.js';

const vmi = (
  phase: string | undefined,
  { conditions = [] as string[], serial = true, acpi = true } = {},
): VirtualMachineInstance => ({
  metadata: { name: 'web' },
  spec: {
    domain: { devices: serial ? {} : { autoattachSerialConsole: false }, features: { acpi: { enabled: acpi } } },
  },
  status: { phase, conditions: conditions.map((type) => ({ type, status: 'True' })) },
});
const codeOf = (check: () => void): number => {
  try {
    check();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error.code;
  }
  return 200;
};

describe('what a VMI must be for a request (docs/reference/control.md §2.5)', () => {
  it('has a console while it runs; a state is 409, a configuration 400', () => {
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.console.check(vmi('Running'))),
      200,
    );
    for (const phase of [undefined, 'Scheduling', 'Scheduled', 'Failed', 'Succeeded']) {
      assert.equal(
        codeOf(() => VMI_SUBRESOURCES.console.check(vmi(phase))),
        409,
        phase,
      );
    }
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.console.check(vmi('Scheduling', { serial: false }))),
      400,
    );
  });
  it('is paused once and unpaused once', () => {
    const paused = { conditions: ['Paused'] };
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.pause.check(vmi('Running'))),
      200,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.pause.check(vmi('Running', paused))),
      409,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.unpause.check(vmi('Running', paused))),
      200,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.unpause.check(vmi('Running'))),
      409,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.pause.check(vmi('Scheduled'))),
      409,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.unpause.check(vmi('Succeeded'))),
      409,
    );
  });
  it('reboots softly when something in it can hear that', () => {
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.softreboot.check(vmi('Running'))),
      200,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.softreboot.check(vmi('Running', { acpi: false }))),
      409,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.softreboot.check(vmi('Running', { acpi: false, conditions: ['AgentConnected'] }))),
      200,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.softreboot.check(vmi('Running', { conditions: ['Paused'] }))),
      409,
    );
  });
  it('may be reset whenever it runs, paused or not', () => {
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.reset.check(vmi('Running', { conditions: ['Paused'] }))),
      200,
    );
    assert.equal(
      codeOf(() => VMI_SUBRESOURCES.reset.check(vmi('Failed'))),
      409,
    );
  });
});

describe('a word that an agent is asked for', () => {
  it('is an action or a stream of the table, or neither', () => {
    const kinds = ['reset', 'console', 'explode', 'toString', '__proto__', '', 'start'].map((word) => [
      isAgentAction(word),
      isAgentStream(word),
    ]);
    const neither = [false, false];
    assert.deepEqual(kinds, [[true, false], [false, true], neither, neither, neither, neither, neither]);
  });
});
