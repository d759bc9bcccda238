import type { Access, Permission } from '../../api/access/access.js';
import { CDI_GROUP } from '../../api/data-volume/data-volume.js';
import { copyPermission } from '../../api/access/foreign-source.js';
import type { CdiDataVolumeSource } from '../../api/schema/datavolume.js';
import type { KubernetesObject } from '../../kube/types.js';

interface Named {
  readonly name?: string;
  readonly namespace?: string;
}
interface Pointer {
  readonly pvc?: Named;
  readonly snapshot?: Named;
  /** Another DataSource; then the status says what that one names. */
  readonly dataSource?: Named;
}

/** CDI's DataSource: a name for a claim or a snapshot, in whatever namespace. */
export interface DataSource extends KubernetesObject {
  readonly spec?: { readonly source?: Pointer };
  readonly status?: { readonly source?: Pointer };
}

export interface ResolvedSource {
  /** What a DataVolume copies that is made from it now. */
  readonly source: Pick<CdiDataVolumeSource, 'pvc' | 'snapshot'>;
  /** What its user must be allowed besides naming the DataSource. */
  readonly permissions: readonly Permission[];
}

const readDataSource = (namespace: string, name: string): Access => ({
  ...{ verb: 'get', group: CDI_GROUP, resource: 'datasources', namespace, name },
});

/**
 * What a DataSource leads to, as CDI follows it; undefined where it leads to nothing yet. `own` is the DataVolume's
 * namespace, which CDI takes where none is named. Pure.
 */
export const resolveDataSource = (
  { spec, status }: DataSource,
  own: string,
  field: string,
): ResolvedSource | undefined => {
  const next = spec?.source?.dataSource;
  const { pvc, snapshot } = (next === undefined ? spec?.source : status?.source) ?? {};
  const [kind, named] = pvc ? (['pvc', pvc] as const) : (['snapshot', snapshot] as const);
  if (!named?.name) return undefined;
  const target = { name: named.name, namespace: named.namespace || own };
  const between: Permission[] =
    next?.name && next.namespace
      ? [{ field, uses: `data source ${next.name}`, anyOf: [readDataSource(next.namespace, next.name)] }]
      : [];
  const copied = target.namespace === own ? [] : [copyPermission({ kind, ...target }, field)];
  return { source: { [kind]: target }, permissions: [...between, ...copied] };
};
