import { checkInstancetype } from '../../../src/admission/instancetype-object.js';
import {
  INSTANCETYPE_GROUP,
  INSTANCETYPE_KINDS,
  INSTANCETYPE_VERSION,
  type InstancetypeKind,
} from '../../../src/api/instancetype/instancetype-kinds.js';
import { CDI_GROUP } from '../../../src/api/data-volume/data-volume.js';
import { isRecord } from '../../../src/api/record.js';
import { suggest } from '../../../src/api/schema-check/suggest.js';
import type { ObjectMeta } from '../../../src/api/schema/meta.js';
import { volumeFacts } from '../../../src/instancetypes/infer.js';
import { shippedSource } from '../../../src/instancetypes/shipped/index.js';
import type { InstancetypeSource, VolumeFacts } from '../../../src/instancetypes/source.js';
import type { Io } from '../io.js';
import { findingsOf, type Finding } from './findings.js';
import { readManifests, type Manifest } from './manifests.js';

/*
 * Instance types and preferences without a cluster: those of the files and of `--instancetypes`, and else those that
 * come with the product.
 */

const metadataOf = ({ object }: Manifest): ObjectMeta => (isRecord(object.metadata) ? object.metadata : {});

const groupOf = ({ object: { apiVersion } }: Manifest): string =>
  typeof apiVersion === 'string' && apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';

/** Whether an object is of the group, whatever it is. */
export const isOfInstancetypes = (manifest: Manifest): boolean => groupOf(manifest) === INSTANCETYPE_GROUP;

const kindOf = (manifest: Manifest): InstancetypeKind | undefined =>
  isOfInstancetypes(manifest) ? INSTANCETYPE_KINDS.find((kind) => kind === manifest.object.kind) : undefined;

const OWN_VERSION = `${INSTANCETYPE_GROUP}/${INSTANCETYPE_VERSION}`;

const kindFinding = (manifest: Manifest, field: string, message: string): Finding => ({
  ...{ file: manifest.file, ...manifest.positionOf(field), severity: 'error', rule: 'manifest.kind', message, field },
});

/** What admission says of an object of the group. */
export const instancetypeFindings = (manifest: Manifest): readonly Finding[] => {
  const { apiVersion, kind: written } = manifest.object;
  const kind = kindOf(manifest);
  if (kind === undefined) {
    const near = suggest(String(written), INSTANCETYPE_KINDS);
    const remedy = near === undefined ? `write one of ${INSTANCETYPE_KINDS.join(', ')}` : `did you mean "${near}"?`;
    return [kindFinding(manifest, 'kind', `kind "${String(written)}" is not known: ${remedy}`)];
  }
  if (apiVersion !== OWN_VERSION)
    return [
      kindFinding(manifest, 'apiVersion', `apiVersion "${String(apiVersion)}" is not served: write ${OWN_VERSION}`),
    ];
  return findingsOf(manifest, kind, checkInstancetype({ kind, object: manifest.object }));
};

/** Where a namespace is not written, the one of the command line counts, which is the same for all. */
const isSameNamespace = (one = '', other = ''): boolean => one === '' || other === '' || one === other;

const named = (manifests: readonly Manifest[], namespace: string, name: string): Manifest | undefined =>
  manifests.find((manifest) => {
    const metadata = metadataOf(manifest);
    return metadata.name === name && isSameNamespace(metadata.namespace, namespace);
  });

const factsOf = (manifest: Manifest): VolumeFacts => {
  const { labels, namespace = '' } = metadataOf(manifest);
  const { spec } = manifest.object;
  return volumeFacts(labels, isRecord(spec) ? spec : {}, namespace);
};

/** What VMs may name, of these objects, and else of those that come with the product. */
export const fileSource = (manifests: readonly Manifest[]): InstancetypeSource => {
  const kinds = new Map(INSTANCETYPE_KINDS.map((kind) => [kind, manifests.filter((one) => kindOf(one) === kind)]));
  const volumes = {
    PersistentVolumeClaim: manifests.filter(({ object }) => object.kind === 'PersistentVolumeClaim'),
    DataVolume: manifests.filter((one) => one.object.kind === 'DataVolume' && groupOf(one) === CDI_GROUP),
  };
  return {
    ...shippedSource,
    object: (kind, namespace, name) => {
      const found = named(kinds.get(kind) ?? [], namespace, name);
      return found === undefined ? shippedSource.object(kind, namespace, name) : found.object;
    },
    volume: (kind, namespace, name) => {
      const found = named(volumes[kind], namespace, name);
      return found && factsOf(found);
    },
  };
};

/** The objects of `--instancetypes`. */
export const readInstancetypes = async (
  io: Io,
  { instancetypes = [] }: { readonly instancetypes?: readonly string[] },
): Promise<readonly Manifest[]> =>
  instancetypes.length === 0 ? [] : (await readManifests(io, { files: instancetypes })).manifests;
