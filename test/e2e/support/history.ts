import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { get } from './api.js';

/** Between two looks: what a user would see who looks all the time. */
const LOOK_MS = 100;

/** What could be seen while something was done, each state once for as long as it stood; absent ones are left out. */
export const seenDuring = async (
  look: () => Promise<string | undefined>,
  act: () => Promise<unknown>,
): Promise<string[]> => {
  const seen: string[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const state = await look();
      if (state !== undefined && seen.at(-1) !== state) seen.push(state);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  })();
  try {
    await act();
  } finally {
    isOver = true;
    await looking;
  }
  return seen;
};

/** STATUS and READY of a VM, as `kubectl get vm` shows them. */
export const columnsOf = (namespace: string, name: string) => async (): Promise<string | undefined> => {
  const { status } = (await get<VirtualMachine>(namespace, 'vm', name)) ?? {};
  if (status === undefined) return undefined;
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return `${status.printableStatus ?? ''}${ready ? ' ready' : ''}`;
};
