import {
  CLUSTER_KINDS,
  INSTANCETYPE_GROUP,
  INSTANCETYPE_VERSION,
  SHIPPED_MARK,
  type InstancetypeKind,
} from '../../api/instancetype/instancetype-kinds.js';
import type { ObjectMeta } from '../../api/schema/meta.js';
import type { InstancetypeSource, StoredObject } from '../source.js';
import { shippedPreferences, type ShippedPreference } from './preferences.js';
import { shippedSizes, type ShippedSize } from './sizes.js';

/** By which virt-controller knows what it has made, and takes away. The set of KubeVirt names its own vendor. */
export const VENDOR_LABEL = 'instancetype.kubevirt.io/vendor';
export const VENDOR = 'kubectl-virt.io';

export interface ShippedObject extends StoredObject {
  readonly apiVersion: string;
  readonly kind: InstancetypeKind;
  readonly metadata: ObjectMeta & { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const label = (name: string): string => `instancetype.kubevirt.io/${name}`;

const sizeLabels = ({ series, size, spec: { cpu, memory } }: ShippedSize): Record<string, string> => ({
  [label('class')]: series,
  [label('cpu')]: String(cpu.guest),
  [label('memory')]: String(memory.guest),
  [label('size')]: size,
  [label('version')]: '1',
  ...(memory.hugepages === undefined ? {} : { [label('hugepages')]: 'true' }),
  ...(cpu.dedicatedCPUPlacement === undefined ? {} : { [label('dedicatedCPUPlacement')]: 'true' }),
  ...(cpu.numa === undefined ? {} : { [label('numa')]: 'true' }),
  ...(cpu.realtime === undefined ? {} : { [label('realtime')]: 'true' }),
});

const apiVersion = `${INSTANCETYPE_GROUP}/${INSTANCETYPE_VERSION}`;
const VENDOR_LABELS = { [VENDOR_LABEL]: VENDOR };

const ofSize = (one: ShippedSize): ShippedObject => ({
  apiVersion,
  kind: CLUSTER_KINDS.instancetype,
  metadata: {
    name: one.name,
    labels: { ...VENDOR_LABELS, ...sizeLabels(one) },
    annotations: {
      [SHIPPED_MARK]: one.name,
      [label('displayName')]: one.title,
      [label('description')]: one.about,
    },
  },
  spec: one.spec,
});

const ofPreference = ({ name, title, spec }: ShippedPreference): ShippedObject => ({
  apiVersion,
  kind: CLUSTER_KINDS.preference,
  metadata: { name, labels: VENDOR_LABELS, annotations: { [SHIPPED_MARK]: name, [label('displayName')]: title } },
  spec,
});

/** Every object that comes with the product. */
export const shippedObjects = (): readonly ShippedObject[] => [
  ...shippedSizes().map(ofSize),
  ...shippedPreferences().map(ofPreference),
];

let byName: ReadonlyMap<string, ShippedObject> | undefined;

/** What a cluster has that nobody has written anything to: the source of those who know no other. */
export const shippedSource: InstancetypeSource = {
  object: (kind, _namespace, name) => {
    byName ??= new Map(shippedObjects().map((one) => [`${one.kind}/${one.metadata.name}`, one]));
    return byName.get(`${kind}/${name}`);
  },
  revision: () => undefined,
  volume: () => undefined,
  isComplete: false,
};
