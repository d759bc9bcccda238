import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import {
  checkConsole,
  checkPause,
  checkReset,
  checkSoftReboot,
  checkUnpause,
} from '../../../../src/webhook/subresources/instance-checks.js';
import { StatusError } from '../../../../src/webhook/subresources/status-error.js';

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

describe('what a VMI must be for a request (spec/control.md §2.5)', () => {
  it('has a console while it runs; a state is 409, a configuration 400', () => {
    assert.equal(
      codeOf(() => checkConsole(vmi('Running'))),
      200,
    );
    for (const phase of [undefined, 'Scheduling', 'Scheduled', 'Failed', 'Succeeded']) {
      assert.equal(
        codeOf(() => checkConsole(vmi(phase))),
        409,
        phase,
      );
    }
    assert.equal(
      codeOf(() => checkConsole(vmi('Scheduling', { serial: false }))),
      400,
    );
  });
  it('is paused once and unpaused once', () => {
    const paused = { conditions: ['Paused'] };
    assert.equal(
      codeOf(() => checkPause(vmi('Running'))),
      200,
    );
    assert.equal(
      codeOf(() => checkPause(vmi('Running', paused))),
      409,
    );
    assert.equal(
      codeOf(() => checkUnpause(vmi('Running', paused))),
      200,
    );
    assert.equal(
      codeOf(() => checkUnpause(vmi('Running'))),
      409,
    );
    assert.equal(
      codeOf(() => checkPause(vmi('Scheduled'))),
      409,
    );
    assert.equal(
      codeOf(() => checkUnpause(vmi('Succeeded'))),
      409,
    );
  });
  it('reboots softly when something in it can hear that', () => {
    assert.equal(
      codeOf(() => checkSoftReboot(vmi('Running'))),
      200,
    );
    assert.equal(
      codeOf(() => checkSoftReboot(vmi('Running', { acpi: false }))),
      409,
    );
    assert.equal(
      codeOf(() => checkSoftReboot(vmi('Running', { acpi: false, conditions: ['AgentConnected'] }))),
      200,
    );
    assert.equal(
      codeOf(() => checkSoftReboot(vmi('Running', { conditions: ['Paused'] }))),
      409,
    );
  });
  it('may be reset whenever it runs, paused or not', () => {
    assert.equal(
      codeOf(() => checkReset(vmi('Running', { conditions: ['Paused'] }))),
      200,
    );
    assert.equal(
      codeOf(() => checkReset(vmi('Failed'))),
      409,
    );
  });
});
