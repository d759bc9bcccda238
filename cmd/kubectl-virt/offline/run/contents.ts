import type { Workspace } from '../../../../src/agent/workspace/workspace.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { CliError, UsageError } from '../../errors.js';
import { nameOf } from '../admission.js';
import type { Manifest } from '../manifests.js';

type Volume = NonNullable<VirtualMachineInstance['spec']['volumes']>[number];

/** What only a cluster has: who would issue a token here, and which pod would tell of itself? */
const ONLY_IN_A_CLUSTER: readonly (readonly [source: keyof Volume, what: string])[] = [
  ['serviceAccount', 'a token that a cluster issues'],
  ['downwardAPI', 'fields of the pod that a cluster makes'],
  ['downwardMetrics', 'metrics that the agent of a cluster’s node writes'],
];

/** @throws UsageError for a volume or device whose content exists in a cluster only */
export const checkContents = ({ volumes = [], domain }: VirtualMachineInstance['spec']): void => {
  if (domain.devices.downwardMetrics !== undefined)
    throw new UsageError('the device downwardMetrics shows metrics that the agent of a cluster’s node collects', {
      remedy: 'Remove domain.devices.downwardMetrics.',
    });
  for (const volume of volumes)
    for (const [source, what] of ONLY_IN_A_CLUSTER)
      if (volume[source] !== undefined)
        throw new UsageError(`volume ${volume.name} is of type ${source}: ${what}`, {
          remedy: 'Remove the volume and its disk, or write the files into a ConfigMap beside the manifest.',
        });
};

/** A ConfigMap or Secret of the manifests as files. */
type Files = ReadonlyMap<string, Buffer>;
type Kind = 'ConfigMap' | 'Secret';

/** What Kubernetes allows as a key; here it becomes the name of a file, and must not lead elsewhere. */
const KEY = /^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;

const entries = (kind: Kind, name: string, field: string, value: unknown, encoding: 'utf8' | 'base64') =>
  Object.entries((value ?? {}) as Record<string, unknown>).map(([key, text]): [string, Buffer] => {
    if (!KEY.test(key) || key === '.')
      throw new CliError(`${kind} ${name}: ${JSON.stringify(key)} cannot be a key of ${field}`, {
        remedy: 'Write letters, digits, "-", "_" and "."; Kubernetes takes nothing else.',
      });
    if (typeof text !== 'string')
      throw new CliError(`${kind} ${name}: ${field}.${key} is no text`, { remedy: 'Put the value into quotes.' });
    return [key, Buffer.from(text, encoding)];
  });

/** The object's files; undefined when the manifests have no such object. */
const filesOf = (others: readonly Manifest[], kind: Kind, name: string): Files | undefined => {
  const object = others.find((each) => each.object.kind === kind && nameOf(each.object) === name)?.object;
  if (object === undefined) return undefined;
  const of = (field: string, encoding: 'utf8' | 'base64') => entries(kind, name, field, object[field], encoding);
  // Of two fields with the same key the later wins, as in Kubernetes.
  return new Map(
    kind === 'Secret'
      ? [...of('data', 'base64'), ...of('stringData', 'utf8')]
      : [...of('data', 'utf8'), ...of('binaryData', 'base64')],
  );
};

const requireFiles = (others: readonly Manifest[], volume: string, kind: Kind, name: string): Files => {
  const files = filesOf(others, kind, name);
  if (files !== undefined) return files;
  throw new CliError(`volume ${volume}: the ${kind} ${name} is not among the manifests`, {
    remedy: 'Add it to the file, or name its file with another -f.',
  });
};

const writeAll = async (workspace: Workspace, directory: string, files: Files): Promise<void> => {
  await workspace.mkdir(directory);
  for (const [key, data] of files) await workspace.writeFile(`${directory}/${key}`, data);
};

/** The object that a volume shows as files, and whether it may be missing. */
const shownBy = (volume: Volume): [kind: Kind, name: string, optional: boolean] | undefined => {
  const { configMap, secret, sysprep } = volume;
  if (configMap) return ['ConfigMap', configMap.name ?? '', configMap.optional === true];
  if (secret) return ['Secret', secret.secretName ?? '', secret.optional === true];
  if (sysprep?.configMap) return ['ConfigMap', sysprep.configMap.name ?? '', false];
  return sysprep?.secret ? ['Secret', sysprep.secret.name ?? '', false] : undefined;
};

/**
 * ConfigMaps and Secrets of the same manifests, laid out as kubelet would mount them.
 * @throws CliError when one is missing or has a key that Kubernetes would refuse
 */
export const writeContents = async (
  volumes: readonly Volume[],
  others: readonly Manifest[],
  workspace: Workspace,
): Promise<void> => {
  for (const volume of volumes) {
    const { name, cloudInitNoCloud, cloudInitConfigDrive } = volume;
    const cloudInit = cloudInitNoCloud ?? cloudInitConfigDrive;
    for (const reference of [cloudInit?.secretRef?.name, cloudInit?.networkDataSecretRef?.name])
      if (reference !== undefined)
        await writeAll(workspace, workspace.paths.secret(name), requireFiles(others, name, 'Secret', reference));
    const shown = shownBy(volume);
    if (shown === undefined) continue;
    const [kind, object, optional] = shown;
    const none: Files = new Map();
    const files = optional ? (filesOf(others, kind, object) ?? none) : requireFiles(others, name, kind, object);
    const directory = workspace.paths.content(name);
    await writeAll(workspace, `${directory}/..local`, files);
    await workspace.symlink('..local', `${directory}/..data`);
  }
};
