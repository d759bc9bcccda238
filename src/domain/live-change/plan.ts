import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { linkOf } from '../../api/vmi/link-state.js';

/** One step that brings a running domain closer to its VMI (docs/adr/0015-live-change.md). */
export interface LiveChange {
  readonly do: 'link';
  /** Of the interface. */
  readonly name: string;
  readonly state: 'up' | 'down';
}

/** What a running domain is like, as libvirt prints it. */
export interface SeenDomain {
  readonly interfaces: readonly { readonly name: string; readonly linkDown?: boolean }[];
}

/** The steps that are due; none in the common case. A card that the domain has not is left alone. Pure. */
export const planLiveChanges = ({ spec }: VirtualMachineInstance, seen: SeenDomain): readonly LiveChange[] =>
  (spec.domain.devices.interfaces ?? []).flatMap((card): LiveChange[] => {
    const [state, now] = [linkOf(card), seen.interfaces.find(({ name }) => name === card.name)];
    if (state === undefined || now === undefined) return [];
    return state === (now.linkDown === true ? 'down' : 'up') ? [] : [{ do: 'link', name: card.name, state }];
  });
