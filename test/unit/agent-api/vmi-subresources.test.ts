import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { StatusError } from '../../../src/agent-api/status-error.js';
import {
  isAgentAction,
  isAgentStream,
  requirePauseState,
  VMI_SUBRESOURCES,
  type AgentAction,
} from '../../../src/agent-api/vmi-subresources.js';

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
const outcomeOf = (check: () => void): [code: number, cause: string | undefined] => {
  try {
    check();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return [error.code, error.details?.causes?.[0]?.reason];
  }
  return [200, undefined];
};
const codeOf = (check: () => void): number => outcomeOf(check)[0];

describe('what a VMI must be for a request (docs/reference/control.md §2.5)', () => {
  it('may be paused with a liveness probe that pings its agent, and with no other', () => {
    const pause = (livenessProbe?: VirtualMachineInstance['spec']['livenessProbe']): number => {
      const instance = vmi('Running');
      return codeOf(() => VMI_SUBRESOURCES.pause.check({ ...instance, spec: { ...instance.spec, livenessProbe } }));
    };
    assert.deepEqual([pause(), pause({ guestAgentPing: {} })], [200, 200]);
    for (const probe of [{ tcpSocket: { port: 22 } }, { httpGet: { port: 80 } }, { exec: { command: ['true'] } }])
      assert.equal(pause(probe), 403);
  });

  it('has a console while it runs; what may yet run is a 400, on which the official client repeats', () => {
    const cases: [VirtualMachineInstance, number, string | undefined][] = [
      [vmi('Running'), 200, undefined],
      ...[undefined, 'Pending', 'Scheduling', 'Scheduled'].map((phase): [VirtualMachineInstance, number, string] => [
        vmi(phase),
        400,
        'NotRunningYet',
      ]),
      [vmi('Failed'), 409, 'HasEnded'],
      [vmi('Succeeded'), 409, 'HasEnded'],
      [vmi('Scheduling', { serial: false }), 400, 'NoSerialConsole'],
    ];
    for (const [instance, code, cause] of cases)
      assert.deepEqual(
        outcomeOf(() => VMI_SUBRESOURCES.console.check(instance)),
        [code, cause],
        instance.status?.phase,
      );
  });
  it('is 400 for the screen of a VM that has none', () => {
    const without = vmi('Running');
    without.spec.domain.devices.autoattachGraphicsDevice = false;
    const look = () => VMI_SUBRESOURCES.vnc.check(without);
    assert.deepEqual(outcomeOf(look), [400, 'NoGraphics']);
    assert.throws(look, /^StatusError: No graphics devices are present: remove .*autoattachGraphicsDevice: false/);
    assert.doesNotThrow(() => VMI_SUBRESOURCES.vnc.check(vmi('Running')));
    assert.deepEqual(
      outcomeOf(() => VMI_SUBRESOURCES.vnc.check(vmi('Scheduling'))),
      [400, 'NotRunningYet'],
    );
  });
  it('runs to be paused, and libvirt says whether it is', () => {
    for (const action of ['pause', 'unpause'] as const) {
      for (const conditions of [[], ['Paused']]) {
        const check = (phase: string) => codeOf(() => VMI_SUBRESOURCES[action].check(vmi(phase, { conditions })));
        assert.deepEqual([check('Running'), check('Scheduled'), check('Succeeded')], [200, 409, 409]);
      }
    }
    const asked = (action: AgentAction, paused: boolean) =>
      codeOf(() => requirePauseState(action, vmi('Running'), paused));
    assert.deepEqual([asked('pause', false), asked('pause', true)], [200, 409]);
    assert.deepEqual([asked('unpause', false), asked('unpause', true)], [409, 200]);
    assert.deepEqual([asked('softreboot', false), asked('softreboot', true)], [200, 409]);
    assert.deepEqual([asked('reset', false), asked('reset', true)], [200, 200]);
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
