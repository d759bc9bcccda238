import type { VirtualMachine, VirtualMachineInstance } from '../schema/kinds.js';
import type { Interface } from '../schema/networks.js';

/** Whether the card has a cable; undefined for one that is not to be there. */
export const linkOf = ({ state }: Pick<Interface, 'state'>): 'up' | 'down' | undefined => {
  if (state === 'absent') return undefined;
  return state === 'down' ? 'down' : 'up';
};

/** The cards of a VMI, each with the state that the VM's template has for the card of its name. */
const withStates = (vm: VirtualMachine, vmi: VirtualMachineInstance): Interface[] => {
  const wanted = vm.spec.template.spec?.domain.devices.interfaces ?? [];
  return (vmi.spec.domain.devices.interfaces ?? []).map((card) => {
    const other = wanted.find(({ name }) => name === card.name);
    if (other === undefined || linkOf(other) === undefined || linkOf(card) === undefined) return card;
    const copy = { ...card };
    delete copy.state;
    return other.state === undefined ? copy : { ...copy, state: other.state };
  });
};

/** A VMI whose cards have their cables as the VM's template has them now: what may change while the guest runs. */
export const withLinksOf = (vm: VirtualMachine, vmi: VirtualMachineInstance): VirtualMachineInstance => {
  if (vmi.spec.domain.devices.interfaces === undefined) return vmi;
  const devices = { ...vmi.spec.domain.devices, interfaces: withStates(vm, vmi) };
  return { ...vmi, spec: { ...vmi.spec, domain: { ...vmi.spec.domain, devices } } };
};

/** The cards that a running VMI is to have, where a cable of one is to be plugged or pulled; undefined: none is. */
export const linksToChange = (vm: VirtualMachine, vmi: VirtualMachineInstance): Interface[] | undefined => {
  const [now, wanted] = [vmi.spec.domain.devices.interfaces ?? [], withStates(vm, vmi)];
  return now.some((card, index) => linkOf(card) !== linkOf(wanted[index] ?? card)) ? wanted : undefined;
};
