import type { InstancetypeKind } from '../../../src/api/instancetype/instancetype-kinds.js';
import type { InstancetypeSource, Revision, StoredObject, VolumeFacts } from '../../../src/instancetypes/source.js';

/** Keys: `KIND/NAMESPACE/NAME`; of revisions `NAMESPACE/NAME`. */
export interface FakeObjects {
  readonly objects?: Readonly<Record<string, StoredObject>>;
  readonly revisions?: Readonly<Record<string, Revision>>;
  readonly volumes?: Readonly<Record<string, VolumeFacts>>;
  readonly isComplete?: boolean;
}

export const fakeSource = ({
  objects = {},
  revisions = {},
  volumes = {},
  isComplete = true,
}: FakeObjects): InstancetypeSource => ({
  object: (kind: InstancetypeKind, namespace, name) => objects[`${kind}/${namespace}/${name}`],
  revision: (namespace, name) => revisions[`${namespace}/${name}`],
  volume: (kind, namespace, name) => volumes[`${kind}/${namespace}/${name}`],
  isComplete,
});
