import type { NotActedOn } from '../settings/acted-on.js';

const under = (prefix: string, names: readonly string[], reason: string): NotActedOn[] =>
  names.map((name) => ({ path: `${prefix}${name}`, reason }));

/**
 * Fields of CDI's DataVolume, below its spec, that the built-in importer does not act on. It fails such a DataVolume
 * with a message that names the field; the definition's descriptions say it too.
 */
export const DATA_VOLUME_NOT_ACTED_ON: readonly NotActedOn[] = [
  ...under(
    'source.',
    ['gcs', 'imageio', 's3', 'snapshot', 'upload', 'vddk'],
    'the built-in importer knows the sources http, registry, pvc and blank; CDI knows more',
  ),
  ...under('', ['sourceRef'], 'the built-in importer has no DataSources; write the source itself'),
  ...under('', ['checkpoints', 'finalCheckpoint'], 'images are imported in one piece'),
  ...under('source.http.', ['extraHeaders', 'secretExtraHeaders'], 'no headers are added to the request'),
  ...under(
    'source.registry.',
    ['certConfigMap', 'secretRef'],
    "the node pulls the image: give the registry's CA to the node, and the pull secret to the namespace's default service account",
  ),
  ...under('source.registry.', ['imageStream', 'platform'], 'the node pulls the image for its own platform, by url'),
  { path: 'source.registry.pullMethod', reason: 'the node pulls the image', but: ['node'] },
  { path: 'contentType', reason: 'the claim gets a disk, not the files of an archive', but: ['kubevirt'] },
  ...under('pvc.', ['dataSource', 'dataSourceRef', 'volumeAttributesClassName'], 'the claim is filled by the importer'),
  ...under('storage.', ['dataSource', 'dataSourceRef'], 'the claim is filled by the importer'),
  { path: 'pvc.volumeMode', reason: 'there are no storage profiles', but: ['Filesystem', 'Block'] },
  { path: 'storage.volumeMode', reason: 'there are no storage profiles', but: ['Filesystem', 'Block'] },
];
