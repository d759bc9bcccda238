import type { CloudInitNoCloudSource, Volume } from '../../api/schema/volumes.js';
import { invalid, NOTHING, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRules, type Rule } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';

/** Data in the manifest is stored in etcd with every VM; larger data belongs into a Secret. */
const MAX_DATA = 2048;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

interface Fields {
  readonly what: 'user' | 'network';
  readonly plain: 'userData' | 'networkData';
  readonly base64: 'userDataBase64' | 'networkDataBase64';
  readonly secret: 'secretRef' | 'networkDataSecretRef';
}
const USER: Fields = { what: 'user', plain: 'userData', base64: 'userDataBase64', secret: 'secretRef' };
const NETWORK: Fields = {
  what: 'network',
  plain: 'networkData',
  base64: 'networkDataBase64',
  secret: 'networkDataSecretRef',
};

/** cloudInitNoCloud before cloudInitConfigDrive; both at once is the rule vol.one-source's to report. */
const sourceOf = (volume: Volume): [name: string, source: CloudInitNoCloudSource] | undefined => {
  if (volume.cloudInitNoCloud) return ['cloudInitNoCloud', volume.cloudInitNoCloud];
  if (volume.cloudInitConfigDrive) return ['cloudInitConfigDrive', volume.cloudInitConfigDrive];
  return undefined;
};

/** Go's decoder, which the reference uses, skips line ends. */
const isBase64 = (text: string): boolean => BASE64.test(text.replaceAll('\n', '').replaceAll('\r', ''));

const sourcesOf = (source: CloudInitNoCloudSource, { plain, base64, secret }: Fields): string[] => [
  ...(source[secret]?.name ? [secret] : []),
  ...(source[base64] ? [base64] : []),
  ...(source[plain] ? [plain] : []),
];

const dataBytes = (source: CloudInitNoCloudSource, { plain, base64 }: Fields): number => {
  const text = source[plain];
  if (text) return Buffer.byteLength(text);
  const encoded = source[base64] ?? '';
  return isBase64(encoded) ? Buffer.byteLength(encoded, 'base64') : 0;
};

const cloudInitRule = instanceRules<(source: CloudInitNoCloudSource, path: string) => readonly Finding[]>({
  field: '$.volumes[].{cloudInitNoCloud,cloudInitConfigDrive}',
  source: '§6.8',
  run: ({ path, spec }, check) =>
    inEach(spec.volumes, `${path}.volumes`, (volume, at) => {
      const found = sourceOf(volume);
      return found ? check(found[1], `${at}.${found[0]}`) : NOTHING;
    }),
});

/** The same three rules for user data and for network data. */
const dataRules = (prefix: string, fields: Fields): Rule<InstanceSubject>[] => [
  cloudInitRule({
    id: `${prefix}-base64`,
    field: `.${fields.base64}`,
    summary: `${fields.what} data that is not valid base64`,
    check: (source, path) => {
      const text = source[fields.base64];
      return !text || isBase64(text)
        ? []
        : [
            invalid(
              `${path}.${fields.base64}`,
              `is not valid base64: encode it again (base64 -w0 FILE), or write the text itself in ${fields.plain}`,
            ),
          ];
    },
  }),
  cloudInitRule({
    id: `${prefix}-one`,
    summary: `${fields.what} data that is given in more than one way`,
    check: (source, path) => {
      const sources = sourcesOf(source, fields);
      return sources.length <= 1
        ? []
        : [invalid(path, `${fields.what} data is in ${sources.join(' and ')} at once: keep one of them`)];
    },
  }),
  cloudInitRule({
    id: `${prefix}-size`,
    summary: `more than ${MAX_DATA} bytes of ${fields.what} data`,
    check: (source, path) => {
      const bytes = dataBytes(source, fields);
      const field = source[fields.plain] ? fields.plain : fields.base64;
      return bytes <= MAX_DATA
        ? []
        : [
            invalid(
              `${path}.${field}`,
              `has ${bytes} bytes, and ${MAX_DATA} is the most: put the ${fields.what} data into a Secret and name that in ${fields.secret}`,
            ),
          ];
    },
  }),
];

export const cloudInitRules = [
  ...dataRules('ci.user', USER),
  ...dataRules('ci.net', NETWORK),
  cloudInitRule({
    id: 'ci.none',
    summary: 'cloud-init without user data and without network data',
    check: (source, path) => {
      const some = [...sourcesOf(source, USER), ...sourcesOf(source, NETWORK)];
      return some.length > 0
        ? []
        : [
            invalid(
              path,
              'has no data: write userData, userDataBase64 or secretRef, or one of the fields of network data',
            ),
          ];
    },
  }),
];
