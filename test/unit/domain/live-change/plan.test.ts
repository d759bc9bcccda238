import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { planLiveChanges, type SeenDomain } from '../../../../src/domain/live-change/plan.js';

const STATES = [undefined, '', 'up', 'down', 'absent'];
const vmi = (states: readonly (string | undefined)[]): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  spec: {
    domain: {
      devices: {
        interfaces: states.map((state, n) => ({
          name: `n${n}`,
          bridge: {},
          ...(state === undefined ? {} : { state }),
        })),
      },
    },
  },
});
const seen = (...down: readonly (boolean | undefined)[]): SeenDomain => ({
  interfaces: down.map((linkDown, n) => ({ name: `n${n}`, ...(linkDown === undefined ? {} : { linkDown }) })),
});
const carriedOut = ({ interfaces }: SeenDomain, steps: ReturnType<typeof planLiveChanges>): SeenDomain => ({
  interfaces: interfaces.map((card) => {
    const step = steps.find(({ name }) => name === card.name);
    return step === undefined ? card : { name: card.name, linkDown: step.state === 'down' };
  }),
});

describe('live changes', () => {
  it('plug and pull the cables that are otherwise than the VM wants them', () => {
    assert.deepEqual(planLiveChanges(vmi(['down', 'up', undefined]), seen(false, true, undefined)), [
      { do: 'link', name: 'n0', state: 'down' },
      { do: 'link', name: 'n1', state: 'up' },
    ]);
  });
  it('leave alone what the domain has not, or is not to have', () => {
    assert.deepEqual(planLiveChanges(vmi(['down', 'absent']), { interfaces: [] }), []);
    assert.deepEqual(planLiveChanges(vmi(['absent']), seen(true)), []);
    assert.deepEqual(planLiveChanges(vmi([]), seen(true)), []);
  });
  it('are none once they were carried out, for any spec and any domain', () => {
    for (const first of STATES)
      for (const second of STATES)
        for (const domain of [seen(true, false), seen(false), seen(undefined, true)]) {
          const wanted = vmi([first, second]);
          const after = carriedOut(domain, planLiveChanges(wanted, domain));
          assert.deepEqual(planLiveChanges(wanted, after), []);
        }
  });
});
