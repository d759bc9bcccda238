import type { Access, Permission } from './access.js';
import { CDI_GROUP } from '../data-volume/data-volume.js';
import type { CdiDataVolumeSource, DataVolumeSpec } from '../schema/datavolume.js';
import type { DataVolumeTemplateSpec } from '../schema/virtualmachine.js';

/** Something that a DataVolume copies, in the words of the API. */
export interface DataSourceReference {
  /**
   * `pvc`: a claim; `snapshot`: a VolumeSnapshot; `sourceRef`: an object that names one of these; `dataSourceRef`:
   * whatever fills a claim.
   */
  readonly kind: 'pvc' | 'snapshot' | 'sourceRef' | 'dataSourceRef';
  readonly namespace: string;
  readonly name: string;
}

/** A reference of one of a VM's DataVolume templates to another namespace, or one that may lead there. */
export interface ForeignSource extends DataSourceReference {
  /** Name of the template. */
  readonly template: string;
  /** Path of the field that names it, below the VM. */
  readonly field: string;
}

type Reference = DataSourceReference & { readonly below: string };

const named = (
  kind: DataSourceReference['kind'],
  below: string,
  reference: { readonly name?: string | undefined; readonly namespace?: string | undefined } | undefined,
  own: string,
): Reference[] =>
  reference === undefined ? [] : [{ kind, below, namespace: reference.namespace || own, name: reference.name ?? '' }];

const NOWHERE = (): Reference[] => [];

/**
 * What each kind of source refers to. Every kind of the schema is here, or this file does not compile: who adds one
 * decides whether it can name another namespace. Secrets and ConfigMaps of imports have no namespace: they are the
 * DataVolume's.
 */
const REFERENCES: {
  readonly [K in keyof CdiDataVolumeSource]-?: (source: CdiDataVolumeSource, own: string) => Reference[];
} = {
  pvc: ({ pvc }, own) => named('pvc', 'source.pvc', pvc, own),
  snapshot: ({ snapshot }, own) => named('snapshot', 'source.snapshot', snapshot, own),
  blank: NOWHERE,
  gcs: NOWHERE,
  http: NOWHERE,
  imageio: NOWHERE,
  registry: NOWHERE,
  s3: NOWHERE,
  upload: NOWHERE,
  vddk: NOWHERE,
};

/** What a DataVolume of namespace `own` copies. Fields of an object that an older version stored may be missing. */
export const referencesOf = (spec: Partial<DataVolumeSpec>, own: string): readonly Reference[] => [
  ...Object.values(REFERENCES).flatMap((references) => (spec.source ? references(spec.source, own) : [])),
  ...named('sourceRef', 'sourceRef', spec.sourceRef, own),
  ...named('dataSourceRef', 'pvc.dataSourceRef', spec.pvc?.dataSourceRef, own),
  ...named('dataSourceRef', 'storage.dataSourceRef', spec.storage?.dataSourceRef, own),
];

/**
 * Whether the permissions of the user who creates a DataVolume must be checked: its source is in another namespace, or
 * (`sourceRef`) is an object that may name one that is.
 */
const needsRequester = ({ kind, namespace }: DataSourceReference, own: string): boolean =>
  namespace !== own || kind === 'sourceRef';

const NONE: readonly ForeignSource[] = [];

/**
 * The references of a VM's templates that are made at the request of the user who wrote them. Pure; `own` is the VM's
 * namespace.
 */
export const foreignSources = (
  templates: readonly Partial<DataVolumeTemplateSpec>[] | undefined,
  own: string,
): readonly ForeignSource[] =>
  templates === undefined || templates.length === 0
    ? NONE
    : templates.flatMap(({ metadata, spec }, index) =>
        referencesOf(spec ?? {}, own)
          .filter((reference) => needsRequester(reference, own))
          .map(({ kind, namespace, name, below }) => ({
            ...{ kind, namespace, name, template: metadata?.name ?? '' },
            field: `spec.dataVolumeTemplates[${index}].spec.${below}`,
          })),
      );

/**
 * Those of a stored VM, which may have any shape: what cannot be read named no source, so the user who writes now is
 * responsible for all.
 */
export const storedForeignSources = (vm: unknown, own: string): readonly ForeignSource[] => {
  try {
    const { spec } = vm as { readonly spec: { readonly dataVolumeTemplates?: readonly DataVolumeTemplateSpec[] } };
    return foreignSources(spec.dataVolumeTemplates, own);
  } catch {
    return NONE;
  }
};

/** Equal for two references by the same template to the same thing. */
export const sourceKey = ({ template, kind, namespace, name }: Omit<ForeignSource, 'field'>): string =>
  JSON.stringify([template, kind, namespace, name]);

/** Whether every source is among others: nothing was added or changed. */
export const isAmong = (sources: readonly ForeignSource[], others: readonly ForeignSource[]): boolean => {
  const known = new Set(others.map(sourceKey));
  return sources.every((source) => known.has(sourceKey(source)));
};

/** What a source is called in a message. */
export const SOURCE_WORDS: Readonly<Record<DataSourceReference['kind'], string>> = {
  pvc: 'claim',
  snapshot: 'snapshot',
  sourceRef: 'data source',
  dataSourceRef: 'data source',
};

/**
 * What CDI requires of a user who copies from another namespace (`CanUserClonePVC`, `CanUserCloneSnapshot` in CDI's API
 * module): the right to create datavolumes/source there, or pods; for snapshots pods are not enough.
 */
export const copyPermission = ({ kind, namespace, name }: DataSourceReference, field: string): Permission => {
  const source: Access = {
    ...{ verb: 'create', group: CDI_GROUP, resource: 'datavolumes', subresource: 'source' },
    ...{ namespace, name },
  };
  const pods: Access = { verb: 'create', group: '', resource: 'pods', namespace, name };
  return {
    field,
    uses: `${SOURCE_WORDS[kind]} ${JSON.stringify(name.slice(0, 63))}`,
    anyOf: kind === 'snapshot' ? [source] : [source, pods],
  };
};
