/**
 * What is in an image, as a CycloneDX 1.5 document: the Debian packages of its root file system and what its programs
 * are made of.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { run } from '../test/cluster/run.js';
import { goArchitecture } from './archive.js';

/** As far as it is read here. */
export interface Component {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

const STATUS = './var/lib/dpkg/status';

/** dpkg's list of what is installed, in its format of paragraphs of `Field: value`. */
export const debianComponents = (status: string, distribution: string): Component[] =>
  status
    .split(/\n\n+/)
    .flatMap((paragraph) => {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1] ?? '';
      const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
      if (name === '' || !field('Status').endsWith(' installed')) return [];
      const query = `arch=${architecture}&distro=${distribution}`;
      const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?${query}`;
      return [{ 'bom-ref': purl, type: 'library', name, version, purl }];
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));

/** Reads dpkg's list out of a root file system's tar. @throws Error when it has none */
export const readStatus = (rootFs: string): Promise<string> =>
  run('tar', ['--extract', '--to-stdout', '--file', rootFs, STATUS]);

/** The components of dist/sbom.cdx.json that are in one of these programs; none before `npm run build`. */
export const bundledComponents = (sbom: string, programs: readonly string[]): Component[] => {
  if (!existsSync(sbom)) return [];
  const { components } = JSON.parse(readFileSync(sbom, 'utf8')) as { components: Component[] };
  return components.filter(({ properties = [] }) =>
    properties.some(({ name, value }) => name === 'kubectl-virt:bundled-in' && programs.includes(value)),
  );
};

/** The document of an image `name:version`. The same content gives the same but for the time. */
export const imageSbom = (tag: string, components: readonly Component[], now: Date): object => {
  const [name = tag, version = ''] = tag.split(':');
  const hex = createHash('sha256')
    .update(JSON.stringify([tag, components]))
    .digest('hex');
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    version: 1,
    metadata: {
      timestamp: now.toISOString(),
      component: {
        type: 'container',
        name,
        version,
        properties: [{ name: 'architecture', value: goArchitecture() }],
      },
    },
    components,
  };
};
