import type { Permission } from '../../api/access/access.js';
import { copyPermission, referencesOf, SOURCE_WORDS } from '../../api/access/foreign-source.js';
import type { CdiDataVolumeSource } from '../../api/schema/datavolume.js';
import type { DataVolumeTemplateSpec } from '../../api/schema/virtualmachine.js';
import { configMap, createDataVolumes, ownData, podsOnly, secret, type Place } from './rights.js';

/** Fields of an import that name an object of the DataVolume's namespace. */
interface Imported {
  readonly secretRef?: string;
  readonly certConfigMap?: string;
  readonly secretExtraHeaders?: readonly string[];
}

/** Whether a kind of source may have such fields. Every kind is here, or this file does not compile. */
const IMPORTS: { readonly [K in keyof CdiDataVolumeSource]-?: (source: CdiDataVolumeSource) => Imported | undefined } =
  {
    blank: () => undefined,
    gcs: ({ gcs }) => gcs,
    http: ({ http }) => http,
    imageio: ({ imageio }) => imageio,
    pvc: () => undefined,
    registry: ({ registry }) => registry,
    s3: ({ s3 }) => s3,
    snapshot: () => undefined,
    upload: () => undefined,
    vddk: ({ vddk }) => vddk,
  };

/** By hand a DataVolume would do it. */
const orDataVolume = (permission: Permission, namespace: string): Permission => ({
  ...permission,
  anyOf: [...permission.anyOf, createDataVolumes(namespace)],
});

const importPermissions = (kind: string, imported: Imported, { namespace, field }: Place): Permission[] => {
  const at = (below: string): Place => ({ namespace, field: `${field}.source.${kind}.${below}` });
  const { secretRef, certConfigMap, secretExtraHeaders = [] } = imported;
  const needs = [
    ...(secretRef ? [secret(at('secretRef'), secretRef)] : []),
    ...(certConfigMap ? [configMap(at('certConfigMap'), certConfigMap)] : []),
    ...secretExtraHeaders.map((name, index) => secret(at(`secretExtraHeaders[${index}]`), name)),
  ];
  return needs.map((permission) => orDataVolume(permission, namespace));
};

const templatePermissions = ({ spec }: Partial<DataVolumeTemplateSpec>, { namespace, field }: Place): Permission[] => {
  if (spec === undefined) return [];
  const at = (below: string): Place => ({ namespace, field: `${field}.${below}` });
  const copied = referencesOf(spec, namespace).map((reference) =>
    reference.namespace === namespace
      ? ownData(at(reference.below), `${SOURCE_WORDS[reference.kind]} ${JSON.stringify(reference.name.slice(0, 63))}`)
      : copyPermission(reference, at(reference.below).field),
  );
  const local = (['pvc', 'storage'] as const).flatMap((target) =>
    spec[target]?.dataSource ? [ownData(at(`${target}.dataSource`), 'a data source')] : [],
  );
  const imported = (Object.keys(IMPORTS) as (keyof CdiDataVolumeSource)[]).flatMap((kind) => {
    const source = spec.source && IMPORTS[kind](spec.source);
    return source === undefined ? [] : importPermissions(kind, source, { namespace, field });
  });
  const { priorityClassName } = spec;
  const priority = priorityClassName
    ? [
        orDataVolume(
          podsOnly(at('priorityClassName'), `priority class ${JSON.stringify(priorityClassName)}`),
          namespace,
        ),
      ]
    : [];
  return [...copied, ...local, ...imported, ...priority];
};

/** What the DataVolumes of a VM's templates copy and use. Pure; `namespace` is the VM's. */
export const dataVolumePermissions = (
  templates: readonly Partial<DataVolumeTemplateSpec>[] | undefined,
  namespace: string,
): readonly Permission[] =>
  (templates ?? []).flatMap((template, index) =>
    templatePermissions(template, { namespace, field: `spec.dataVolumeTemplates[${index}].spec` }),
  );
