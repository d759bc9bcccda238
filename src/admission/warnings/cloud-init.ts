import { networkDataProblems } from '../../api/cloud-init/network-data.js';
import type { CloudInitProblem, CloudInitProblemKind } from '../../api/cloud-init/problem.js';
import { userDataProblems } from '../../api/cloud-init/user-data.js';
import type { CloudInitNoCloudSource, Volume } from '../../api/schema/volumes.js';
import { instanceWarning, type InstanceSubject, type Remark, type Warning } from './warning.js';

/*
 * A guest whose data for cloud-init cannot be read boots without them, and nobody knows why. What stands in the
 * manifest is looked at; Secrets are not. At most 2048 bytes of each (rules ci.user-size, ci.net-size).
 */

/** Guests take one; who writes more need not be told of all. */
const MAX_VOLUMES = 4;
const GZIP = Buffer.from([0x1f, 0x8b]);

interface Text {
  readonly field: string;
  readonly text: string;
  readonly problems: (text: string) => readonly CloudInitProblem[];
}

const decoded = (encoded: string): string => {
  const bytes = Buffer.from(encoded, 'base64');
  // Packed data are unpacked by cloud-init; what is in them is not looked at.
  return bytes.subarray(0, 2).equals(GZIP) ? '' : bytes.toString('utf8');
};

const textsOf = (volume: Volume, path: string): readonly Text[] => {
  const name = volume.cloudInitNoCloud ? 'cloudInitNoCloud' : 'cloudInitConfigDrive';
  const source: CloudInitNoCloudSource | undefined = volume[name];
  if (source === undefined) return [];
  const network = (text: string) => networkDataProblems(text, name);
  const text = (plain: 'userData' | 'networkData', problems: Text['problems']): readonly Text[] => {
    const encoded = source[`${plain}Base64`];
    if (source[plain]) return [{ field: `${path}.${name}.${plain}`, text: source[plain], problems }];
    return encoded ? [{ field: `${path}.${name}.${plain}Base64`, text: decoded(encoded), problems }] : [];
  };
  return [...text('userData', userDataProblems), ...text('networkData', network)];
};

/** Once for the warnings below, which are asked about one subject. */
const seen = new WeakMap<InstanceSubject, readonly (readonly [field: string, problem: CloudInitProblem])[]>();

const problemsOf = (instance: InstanceSubject) => {
  const { path, spec } = instance;
  const known = seen.get(instance);
  if (known !== undefined) return known;
  const found = (spec.volumes ?? [])
    .flatMap((volume, index) =>
      volume.cloudInitNoCloud || volume.cloudInitConfigDrive ? [textsOf(volume, `${path}.volumes[${index}]`)] : [],
    )
    .slice(0, MAX_VOLUMES)
    .flatMap((texts) =>
      texts.flatMap(({ field, text, problems }) => problems(text).map((problem) => [field, problem] as const)),
    );
  seen.set(instance, found);
  return found;
};

const about =
  (kind: CloudInitProblemKind) =>
  (instance: InstanceSubject): readonly Remark[] =>
    problemsOf(instance)
      .filter(([, problem]) => problem.kind === kind)
      .map(([field, { line, column, message }]) => ({
        field,
        message: `line ${line}, column ${column}: ${message}`,
        within: { line, column },
      }));

const SOURCE = 'none: the reference does not read them';

export const cloudInitWarnings: readonly Warning[] = [
  instanceWarning(
    'W-CLD-1',
    'apply',
    SOURCE,
    'user data that begin with `#cloud-config`, or network data, are no YAML, or have a key twice',
    about('yaml'),
  ),
  instanceWarning(
    'W-CLD-2',
    'apply',
    SOURCE,
    'user data that begin with `#cloud-config`, or network data, have a key at the top that cloud-init does not know',
    about('key'),
  ),
  instanceWarning(
    'W-CLD-3',
    'apply',
    SOURCE,
    'user data or network data are meant for cloud-init, which will not know them: the first line, or the version, is missing or misspelt',
    about('format'),
  ),
  instanceWarning(
    'W-CLD-4',
    'lint',
    SOURCE,
    'user data begin with nothing that cloud-init, cloudbase-init or Ignition knows; the guest may have another reader',
    about('unknown-format'),
  ),
];
