import assert from 'node:assert/strict';
import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import type { Interface } from '../../../../src/api/schema/networks.js';
import { linksToChange, withLinksOf } from '../../../../src/api/vmi/link-state.js';

const spec = (interfaces: Interface[]): VirtualMachineInstance['spec'] => ({ domain: { devices: { interfaces } } });
const vm = (...cards: Interface[]): VirtualMachine => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  spec: { runStrategy: 'Always', template: { spec: spec(cards) } },
});
const vmi = (...cards: Interface[]): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  spec: spec(cards),
});
const a = (state?: string): Interface => ({ name: 'a', masquerade: {}, ...(state === undefined ? {} : { state }) });

describe('the cables of a VM that runs', () => {
  it('are changed where the template has another state for the card of the name', () => {
    const b: Interface = { name: 'b', bridge: {} };
    assert.deepEqual(linksToChange(vm(b, a('down')), vmi(a(), b)), [a('down'), b]);
    assert.deepEqual(linksToChange(vm(a()), vmi(a('down'))), [a()]);
    assert.deepEqual(linksToChange(vm(a('up')), vmi(a('down'))), [a('up')]);
  });
  it('are left where both mean the same, a card is absent, or is of one of them alone', () => {
    for (const [wanted, running] of [
      [a('up'), a()],
      [a(''), a('up')],
      [a('absent'), a('up')],
      [a('up'), a('absent')],
      [{ ...a('down'), name: 'c' }, a()],
    ] as const)
      assert.equal(linksToChange(vm(wanted), vmi(running)), undefined, `${wanted.state} ${running.state}`);
    assert.equal(linksToChange(vm(), vmi()), undefined);
  });
  it('are no reason for a restart, and nothing else is taken from the template', () => {
    const running = withLinksOf(vm({ ...a('up'), model: 'e1000' }), vmi({ ...a('down'), model: 'virtio' }));
    assert.deepEqual(running, vmi({ ...a('up'), model: 'virtio' }));
    assert.deepEqual(withLinksOf(vm(a('absent')), vmi(a('down'))), vmi(a('down')));
  });
});
