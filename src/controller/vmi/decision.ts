import { isDeleting, isFinal, isHandedOver, phaseOf } from '../../api/vmi/phase.js';
import type { VmiView, VmiPlan } from './plan.js';
import { pending, scheduling } from './before-hand-over.js';
import { handedOver } from './after-hand-over.js';
import { abandoned, ended } from './ending.js';

/** What to do about a VMI. Pure. Phases and who changes them: docs/reference/domain.md §9.1. */
export const decideVmi = (view: VmiView): VmiPlan => {
  const { vmi } = view;
  if (isFinal(vmi)) return ended(view);
  if (isDeleting(vmi) && !isHandedOver(vmi)) return abandoned(view);
  switch (phaseOf(vmi)) {
    case 'Pending':
      return pending(view);
    case 'Scheduling':
      return scheduling(view);
    default:
      return handedOver(view);
  }
};
