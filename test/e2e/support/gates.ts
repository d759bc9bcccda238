/**
 * Feature gates, which all suites share: opened where a suite needs them, and closed by none that others run beside.
 */
import { isConflict } from '../../../src/kube/client/api-error.js';
import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { apply, list, patch } from './api.js';
import { until } from './kubectl.js';

export const kubevirt = async (): Promise<KubeVirt> => {
  const [first] = await list<KubeVirt>(undefined, 'kubevirt');
  if (first === undefined) throw new Error('There is no KubeVirt object: install the product first (docs/install.md).');
  return first;
};

export const gatesOf = ({ spec }: KubeVirt): readonly string[] =>
  spec.configuration?.developerConfiguration?.featureGates ?? [];

/** Changes the list. Two suites may do so at once: of a write that comes too late the change is made again. */
export const changeGates = async (change: (gates: readonly string[]) => readonly string[]): Promise<void> => {
  await until('the feature gates are changed', async () => {
    const now = await kubevirt();
    const featureGates = change(gatesOf(now));
    if (featureGates.join() === gatesOf(now).join()) return true;
    const { namespace = '', name = '', resourceVersion } = now.metadata ?? {};
    const spec = { configuration: { developerConfiguration: { featureGates } } };
    try {
      await patch(namespace, 'kubevirt', name, { metadata: { resourceVersion }, spec });
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  });
};

/** Programs hear of it by their watches: the first words about what a gate guards may still be a refusal. */
export const openGates = (names: readonly string[]): Promise<void> =>
  changeGates((gates) => [...new Set([...gates, ...names])]);

/** Makes an object that an open gate lets in, as soon as the webhook knows that it is open. */
export const untilAdmitted = async (object: object): Promise<void> => {
  let refusal: unknown;
  const admitted = (): Promise<boolean> =>
    apply(object).then(
      () => true,
      (error: unknown) => {
        if (!/feature gate/.test(String(error))) throw error;
        refusal = error;
        return false;
      },
    );
  await until('it is admitted', admitted, { seconds: 30 }).catch((error: unknown) => {
    throw refusal ?? error;
  });
};
