import { matcherOf, search } from '../../instancetypes/find.js';
import { infer } from '../../instancetypes/infer.js';
import type { InstancetypeSource } from '../../instancetypes/source.js';
import type { AdmissionRequest } from '../../admission/types.js';
import { isRecord } from '../../api/record.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import { type Clock, sleep } from '../../kube/clock.js';
import type { InstancetypeWatch } from '../../kube/watch/instancetype-watch.js';
import type { VolumeLabels } from './volume-labels.js';

/** Watches are behind by some milliseconds. */
const LOOK_MS = 50;
/** Who applies a volume and its VM together must not be told that there is no volume. */
const PATIENCE_MS = 1_500;

/** Of a VM that an admission request is about, as far as it has the shape of one. */
const machineOf = ({ kind, object }: Pick<AdmissionRequest, 'kind' | 'object'>): VirtualMachine | undefined => {
  if (kind !== 'VirtualMachine' || !isRecord(object) || !isRecord(object['spec'])) return undefined;
  const { template, instancetype, preference } = object['spec'];
  const isPlain = instancetype === undefined && preference === undefined;
  return isPlain || !isRecord(template) ? undefined : (object as unknown as VirtualMachine);
};

/**
 * Waits a little until what a VM names is known here: the watches may not have seen yet what was written just before.
 * What does not come in that time is not there.
 */
export const awaitNamed = async (
  request: Pick<AdmissionRequest, 'kind' | 'object' | 'namespace'>,
  source: InstancetypeSource,
  clock: Clock,
): Promise<void> => {
  const vm = machineOf(request);
  if (vm === undefined) return;
  const namespace = request.namespace ?? '';
  const isOpen = (): boolean =>
    (['instancetype', 'preference'] as const).some((role) => {
      if (matcherOf(vm, role) === undefined) return false;
      const inference = infer(role, vm, namespace, source);
      const found = search(role, vm, namespace, source);
      return (
        (inference !== undefined && 'problem' in inference) ||
        (found !== undefined && 'reason' in found && found.reason === 'missing')
      );
    });
  const until = clock.now() + PATIENCE_MS;
  try {
    while (isOpen() && clock.now() < until) await sleep(clock, LOOK_MS);
  } catch {
    // An object of another shape: admission says which.
  }
};

/** What VMs of this cluster may name. */
export const clusterSource = (
  watch: Pick<InstancetypeWatch, 'object' | 'revision'>,
  volumes: Pick<VolumeLabels, 'volume'>,
): InstancetypeSource => ({
  object: watch.object,
  revision: watch.revision,
  volume: volumes.volume,
  isComplete: true,
});
