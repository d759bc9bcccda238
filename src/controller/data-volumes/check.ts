import { DATA_VOLUME_NOT_ACTED_ON } from '../../api/data-volume/data-volume-not-acted-on.js';
import { isQuantity, MEBIBYTE, quantityBytes } from '../../api/quantity.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import { findNotActedOn } from '../../validators/not-acted-on.js';

/** The sources that the built-in importer has. */
const BUILT_IN_SOURCES = ['http', 'registry', 'pvc', 'blank'] as const;
export type BuiltInSource = (typeof BUILT_IN_SOURCES)[number];

export const sourceOf = ({ spec }: DataVolume): BuiltInSource | undefined =>
  BUILT_IN_SOURCES.find((source) => spec.source?.[source] !== undefined);

/** `sha256:` and hex digits, as CDI writes it. */
const CHECKSUM = /^(md5:[0-9a-f]{32}|sha1:[0-9a-f]{40}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/i;
/** An image as kubelet takes it, with CDI's scheme before it. */
const REGISTRY = /^docker:\/\/[a-z0-9][\w.:/@-]*$/i;

/**
 * Why the built-in importer cannot serve a DataVolume, as `field: what to do`; undefined when it can. CDI has a webhook
 * for this; ours says it in the object's conditions, so that a cluster with CDI has no registration of ours in its way.
 * Pure.
 */
export const dataVolumeProblem = (dataVolume: DataVolume): string | undefined => {
  const [cause] = findNotActedOn('VirtualMachine', dataVolume, DATA_VOLUME_NOT_ACTED_ON);
  if (cause !== undefined) return `${cause.field}: ${cause.message}`;
  return targetProblem(dataVolume) ?? sourceProblem(dataVolume);
};

const targetProblem = ({ spec }: DataVolume): string | undefined => {
  if (spec.pvc && spec.storage) return 'spec.pvc: is set beside storage, and a DataVolume has one target: keep storage';
  if (!spec.pvc && !spec.storage)
    return 'spec.storage: is missing, and so is pvc: write storage with resources.requests.storage';
  const [name, target] = spec.storage ? ['storage', spec.storage] : ['pvc', spec.pvc];
  const size = target?.resources?.requests?.['storage'];
  const field = `spec.${name}.resources.requests.storage`;
  // A clone may take the size of what it is a clone of.
  if (size === undefined) return spec.source?.pvc ? undefined : `${field}: is missing: write the size, such as 10Gi`;
  if (!isQuantity(size) || quantityBytes(size) < MEBIBYTE)
    return `${field}: ${JSON.stringify(size)} is not a size of at least 1Mi: write one, such as 10Gi`;
  return undefined;
};

const sourceProblem = (dataVolume: DataVolume): string | undefined => {
  const { spec, metadata } = dataVolume;
  const members = Object.keys(spec.source ?? {});
  if (members.length !== 1)
    return members.length === 0
      ? 'spec.source: is missing: write where the data comes from; "blank: {}" makes an empty disk'
      : `spec.source: has ${members.length} sources (${members.join(', ')}): keep one`;
  const { http, registry, pvc } = spec.source ?? {};
  if (http) return httpProblem(http);
  if (registry && !REGISTRY.test(registry.url ?? ''))
    return `spec.source.registry.url: ${JSON.stringify(registry.url ?? '')} is not an image: write docker://REGISTRY/IMAGE:TAG`;
  if (!pvc) return undefined;
  if (pvc.namespace && pvc.namespace !== metadata?.namespace)
    return `spec.source.pvc.namespace: ${JSON.stringify(pvc.namespace)} is another namespace, whose claims the built-in importer does not read: clone within ${metadata?.namespace ?? 'the namespace'}, or install CDI`;
  return pvc.name === metadata?.name
    ? `spec.source.pvc.name: ${JSON.stringify(pvc.name)} is the claim of this DataVolume itself: name another`
    : undefined;
};

const httpProblem = ({ url, checksum }: { url: string; checksum?: string }): string | undefined => {
  const field = 'spec.source.http.url';
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol) || /\s/.test(url))
    return `${field}: ${JSON.stringify(url)} is not an HTTP URL: write http://HOST/PATH or https://HOST/PATH`;
  if (parsed.username !== '' || parsed.password !== '')
    return `${field}: holds a password that everybody may read here: put it into a Secret and name that as secretRef`;
  return checksum === undefined || checksum === '' || CHECKSUM.test(checksum)
    ? undefined
    : `spec.source.http.checksum: ${JSON.stringify(checksum)} is no checksum: write md5, sha1, sha256 or sha512, a colon and the sum in hex`;
};
