import { isQuantity, parseQuantity } from '../../api/quantity.js';
import type { CdiDataVolumeSource } from '../../api/schema/datavolume.js';
import type { DataVolumeTemplateSpec } from '../../api/schema/virtualmachine.js';
import { invalid, required, type Finding } from '../rule/finding.js';
import { isDnsSubdomain, SUBDOMAIN_REMEDY } from '../rule/names.js';
import type { Rule } from '../rule/rule.js';
import type { MachineSubject } from '../rule/subject.js';
import { imageReferenceProblem } from '../rule/image-reference.js';
import { oneOf, show } from '../rule/wording.js';
import { externallyFilled, templateRule } from './data-volume-templates.js';

/*
 * What CDI's API server refuses in a DataVolume, said of a template: the DataVolume would be made of it long after its
 * user has gone, and refused or never filled. Where the built-in importer serves them the same cannot work.
 */

const CDI = 'kubevirt/containerized-data-importer, pkg/apiserver/webhooks/datavolume-validate.go';
const ACCESS_MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];
const CONTENT_TYPES = ['kubevirt', 'archive'];
const PULL_METHODS = ['pod', 'node'];
const WEB = ['http:', 'https:'];

type Name = 'storage' | 'pvc';

/** The target, where there is one: that there is exactly one other rules say. */
const targetOf = ({ spec }: DataVolumeTemplateSpec) => {
  const name: Name = spec.storage ? 'storage' : 'pvc';
  const target = spec[name];
  return target === undefined || (spec.storage && spec.pvc) ? undefined : { name, target };
};

/** A copy takes the size of what it is a copy of. */
const isCopy = ({ spec: { source, sourceRef } }: DataVolumeTemplateSpec): boolean =>
  Boolean(sourceRef ?? source?.pvc ?? source?.snapshot);

const sizeFinding = (template: DataVolumeTemplateSpec, path: string): Finding | undefined => {
  const found = targetOf(template);
  if (found === undefined) return undefined;
  const size = found.target.resources?.requests?.['storage'];
  const field = `${path}.spec.${found.name}.resources.requests.storage`;
  if (size === undefined) {
    return isCopy(template) || externallyFilled(template)
      ? undefined
      : required(
          field,
          'is missing: write how large the disk shall be, such as "10Gi"; only a copy takes its source’s',
        );
  }
  return !isQuantity(size) || parseQuantity(size).nanos > 0n
    ? undefined
    : invalid(field, `${show(size)} is no size of a disk: write one such as "10Gi"`);
};

const accessModeFinding = (template: DataVolumeTemplateSpec, path: string): Finding | undefined => {
  const found = targetOf(template);
  if (found === undefined) return undefined;
  const { accessModes = [] } = found.target;
  const field = `${path}.spec.${found.name}.accessModes`;
  const wrong = accessModes.findIndex((mode) => !ACCESS_MODES.includes(mode));
  if (wrong >= 0)
    return invalid(
      `${field}[${wrong}]`,
      `${show(accessModes[wrong])} is no access mode: ${oneOf(accessModes[wrong], ACCESS_MODES)}`,
    );
  if (found.name === 'storage' || accessModes.length === 1) return undefined;
  return accessModes.length === 0
    ? required(
        field,
        'is missing: write one, such as [ReadWriteOnce], or write storage in place of pvc, which needs none',
      )
    : invalid(
        field,
        `has ${accessModes.length} access modes, and pvc takes one: keep one, or write storage in place of pvc`,
      );
};

const isUrl = (text: string, schemes: readonly string[]): boolean =>
  URL.canParse(text) && schemes.includes(new URL(text).protocol) && !/\s/.test(text) && new URL(text).host !== '';

/** Sources that are fetched from a URL, and the schemes that it may have. */
const FETCHED = {
  http: WEB,
  s3: [...WEB, 's3:'],
  gcs: [...WEB, 'gs:'],
  imageio: WEB,
  vddk: WEB,
} as const satisfies { readonly [Source in keyof CdiDataVolumeSource]?: readonly string[] };
const FETCHED_NAMES = Object.keys(FETCHED) as (keyof typeof FETCHED)[];

const urlFinding = ({ spec: { source } }: DataVolumeTemplateSpec, path: string): Finding | undefined => {
  const name = FETCHED_NAMES.find((each) => source?.[each] !== undefined);
  if (name === undefined) return undefined;
  const url = source?.[name]?.url ?? '';
  if (isUrl(url, FETCHED[name])) return undefined;
  const forms = FETCHED[name].map((scheme) => `${scheme}//…`).join(' or ');
  return invalid(`${path}.spec.source.${name}.url`, `${show(url)} is no URL of an image: write ${forms}`);
};

const registryFinding = ({ spec: { source } }: DataVolumeTemplateSpec, path: string): Finding | undefined => {
  const { registry } = source ?? {};
  if (registry === undefined) return undefined;
  const { url, imageStream, pullMethod } = registry;
  const field = `${path}.spec.source.registry`;
  if (pullMethod && !PULL_METHODS.includes(pullMethod))
    return invalid(`${field}.pullMethod`, `${show(pullMethod)} is no way to pull: ${oneOf(pullMethod, PULL_METHODS)}`);
  if (!url) return imageStream ? undefined : required(`${field}.url`, 'is missing: write docker://REGISTRY/IMAGE:TAG');
  if (imageStream) return invalid(`${field}.imageStream`, 'is set beside url: keep one of the two');
  if (!/^(?:docker|oci-archive):\/\/[^\s/]\S*$/.test(url))
    return invalid(`${field}.url`, `${show(url)} is no image of a registry: write docker://REGISTRY/IMAGE:TAG`);
  const [, image] = /^docker:\/\/(.*)$/.exec(url) ?? [];
  const problem = image === undefined ? undefined : imageReferenceProblem(image);
  return problem === undefined ? undefined : invalid(`${field}.url`, `behind docker://, ${problem}`);
};

const contentTypeFinding = ({ spec }: DataVolumeTemplateSpec, path: string): Finding | undefined => {
  const { contentType, source } = spec;
  const field = `${path}.spec.contentType`;
  if (!contentType) return undefined;
  if (!CONTENT_TYPES.includes(contentType))
    return invalid(field, `${show(contentType)} is no type of content: ${oneOf(contentType, CONTENT_TYPES)}`);
  const disk = source?.blank ? 'blank' : source?.registry ? 'registry' : undefined;
  return contentType === 'archive' && disk !== undefined
    ? invalid(field, `"archive" cannot come from ${disk}, which makes a disk: write kubevirt, or remove it`)
    : undefined;
};

/** Members that must say something, by their source. */
const NEEDED = {
  pvc: ['namespace', 'name'],
  snapshot: ['namespace', 'name'],
  imageio: ['secretRef', 'certConfigMap', 'diskId'],
  vddk: ['secretRef', 'uuid', 'backingFile', 'thumbprint'],
} as const satisfies { readonly [Source in keyof CdiDataVolumeSource]?: readonly string[] };
const NEEDED_NAMES = Object.keys(NEEDED) as (keyof typeof NEEDED)[];

const incompleteFinding = ({ spec: { source, sourceRef } }: DataVolumeTemplateSpec, path: string) => {
  const name = NEEDED_NAMES.find((each) => source?.[each] !== undefined);
  const of: Readonly<Record<string, unknown>> = name === undefined ? {} : { ...source?.[name] };
  const lacks = name === undefined ? undefined : NEEDED[name].find((member) => !of[member]);
  if (lacks !== undefined)
    return required(
      `${path}.spec.source.${name ?? ''}.${lacks}`,
      `is empty, and a source ${name ?? ''} needs it: write it`,
    );
  if (sourceRef === undefined) return undefined;
  const field = `${path}.spec.sourceRef`;
  if (sourceRef.kind !== 'DataSource')
    return invalid(`${field}.kind`, `${show(sourceRef.kind)} cannot be referred to: write DataSource`);
  return sourceRef.name ? undefined : required(`${field}.name`, 'is empty: write the name of the DataSource');
};

const storageClassFinding = (template: DataVolumeTemplateSpec, path: string): Finding | undefined => {
  const found = targetOf(template);
  const name = found?.target.storageClassName;
  return found === undefined || !name || isDnsSubdomain(name)
    ? undefined
    : invalid(
        `${path}.spec.${found.name}.storageClassName`,
        `${show(name)} cannot be the name of a StorageClass: ${SUBDOMAIN_REMEDY}`,
      );
};

const rule = (id: string, field: string, summary: string, check: typeof sizeFinding): Rule<MachineSubject> =>
  templateRule({ id, field: `.spec.${field}`, source: CDI, summary, check: () => check });

export const dataVolumeSpecRules: readonly Rule<MachineSubject>[] = [
  rule(
    'dvt.size',
    '{storage,pvc}.resources.requests.storage',
    'a DataVolume template without a size that is no copy, or with a size of nothing',
    sizeFinding,
  ),
  rule(
    'dvt.access-modes',
    '{storage,pvc}.accessModes',
    'a DataVolume template with an access mode that does not exist, or a `pvc` without exactly one',
    accessModeFinding,
  ),
  rule('dvt.storage-class', '{storage,pvc}.storageClassName', 'a name that no StorageClass has', storageClassFinding),
  rule(
    'dvt.url',
    'source.{http,s3,gcs,imageio,vddk}.url',
    'a DataVolume template whose image has a URL that cannot be fetched',
    urlFinding,
  ),
  rule('dvt.registry', 'source.registry', 'a DataVolume template with an image that no registry has', registryFinding),
  rule(
    'dvt.content-type',
    'contentType',
    'a DataVolume template with a type of content that does not exist, or that its source cannot have',
    contentTypeFinding,
  ),
  rule(
    'dvt.incomplete',
    '{source,sourceRef}',
    'a DataVolume template whose source lacks what names it',
    incompleteFinding,
  ),
];
