import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { cloudInitKeySecrets } from '../../api/vmi/access-credentials.js';
import { uuidOfOwner } from '../../api/vmi/owner-uuid.js';
import type { CloudInitNoCloudSource } from '../../api/schema/volumes.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { hostName } from '../../launcher/index.js';
import { keysOf } from '../credentials/keys.js';
import { readSecret } from '../credentials/secret-files.js';
import type { Workspace } from '../workspace/workspace.js';
import { makeIso } from './iso.js';
import type { Preparation, Preparer } from './preparation.js';
import { VolumeError } from './volume-error.js';

/** What a data source of cloud-init holds. Source: docs/reference/domain.md §5.1–5.2. */
export interface CloudInitData {
  readonly userData: Buffer;
  readonly networkData?: Buffer;
}

/** A Secret holds 1 MiB at most, so more is not ours. */
const MAX_BYTES = 1024 * 1024;
/** The keys of a Secret in the order they are looked for: both spellings are in use. */
const USER_DATA_KEYS = ['userdata', 'userData'];
const NETWORK_DATA_KEYS = ['networkdata', 'networkData'];

/**
 * Collects the inline data and what the Secrets hold; a Secret's value wins. @throws VolumeError when there is nothing
 */
const cloudInitData = async (
  volume: string,
  field: string,
  source: CloudInitNoCloudSource,
  workspace: Workspace,
): Promise<CloudInitData> => {
  const fromSecret = (keys: readonly string[]): Promise<Buffer | undefined> =>
    readSecretKey(workspace, workspace.paths.secret(volume), keys);
  const userSecret = source.secretRef === undefined ? undefined : await fromSecret(USER_DATA_KEYS);
  const networkSecret = source.networkDataSecretRef === undefined ? undefined : await fromSecret(NETWORK_DATA_KEYS);
  requireKey(volume, source.secretRef?.name, userSecret ?? networkSecret, USER_DATA_KEYS);
  requireKey(volume, source.networkDataSecretRef?.name, networkSecret, NETWORK_DATA_KEYS);
  const userData = userSecret ?? inline(volume, `${field}.userData`, source.userData, source.userDataBase64);
  const networkData =
    networkSecret ?? inline(volume, `${field}.networkData`, source.networkData, source.networkDataBase64);
  if (userData === undefined && networkData === undefined)
    throw new VolumeError(
      volume,
      'permanent',
      `${field} has no data; give userData, userDataBase64, secretRef, networkData, networkDataBase64 or networkDataSecretRef`,
    );
  return { userData: userData ?? Buffer.alloc(0), ...(networkData === undefined ? {} : { networkData }) };
};

const requireKey = (
  volume: string,
  secret: string | undefined,
  found: Buffer | undefined,
  keys: readonly string[],
): void => {
  if (secret === undefined || found !== undefined) return;
  // Not permanent: kubelet brings a corrected Secret into the running pod only on a new mount, yet the key may be late.
  throw new VolumeError(volume, 'transient', `Secret ${secret} has none of the keys ${keys.join(', ')}; add one`);
};

const readSecretKey = async (
  workspace: Workspace,
  directory: string,
  keys: readonly string[],
): Promise<Buffer | undefined> => {
  for (const key of keys) {
    const path = `${directory}/${key}`;
    if (await workspace.exists(path)) return workspace.readFile(path, MAX_BYTES);
  }
  return undefined;
};

const inline = (
  volume: string,
  field: string,
  text: string | undefined,
  base64: string | undefined,
): Buffer | undefined => {
  if (text !== undefined && text !== '') return Buffer.from(text, 'utf8');
  if (base64 === undefined || base64 === '') return undefined;
  const decoded = Buffer.from(base64, 'base64');
  // Node skips what is not base64; encoding again shows whether something was skipped.
  const bare = (value: string): string => value.replace(/[\s=]/g, '');
  if (bare(decoded.toString('base64')) !== bare(base64))
    throw new VolumeError(volume, 'permanent', `${field}Base64 is not valid base64`);
  return decoded;
};

const instanceType = ({ metadata }: VirtualMachineInstance): string | undefined =>
  metadata?.annotations?.['kubevirt.io/cluster-instancetype-name'] ??
  metadata?.annotations?.['kubevirt.io/instancetype-name'];

/** SSH keys by their number, as every data source of cloud-init takes them. */
type PublicKeys = Readonly<Record<string, string>>;

/** @throws VolumeError where a Secret holds what is no key */
const publicKeys = async (
  { vmi, volume, workspace }: Preparation,
  method: 'noCloud' | 'configDrive',
): Promise<PublicKeys | undefined> => {
  const keys: string[] = [];
  try {
    for (const name of new Set(cloudInitKeySecrets(vmi.spec, method)))
      keys.push(...keysOf(name, (await readSecret(workspace, name)).values()));
  } catch (error) {
    throw new VolumeError(volume.name, 'transient', errorMessage(error));
  }
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key, index) => [String(index), key]));
};

/** Compact JSON, which is YAML too, without what there is none of. */
const json = (entries: Readonly<Record<string, string | PublicKeys | undefined>>): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined && value !== '')),
  );

const nameAndNamespace = ({ metadata: { name = '', namespace = '' } = {} }: VirtualMachineInstance): string =>
  `${name}.${namespace}`;

/**
 * NoCloud's meta-data. From `instance-id` cloud-init knows whether it has run here before, so it is the firmware UUID,
 * which outlives the VMI; one without firmware takes its name and namespace, which do too.
 */
const metaData = (vmi: VirtualMachineInstance, keys: PublicKeys | undefined): string =>
  json({
    'instance-type': instanceType(vmi),
    'instance-id': vmi.spec.domain.firmware?.uuid ?? nameAndNamespace(vmi),
    'local-hostname': hostName(vmi),
    'public-keys': keys,
  });

/** OpenStack's meta_data.json. cloud-init wants the `uuid` and knows an instance by it. */
const configDriveMetaData = (vmi: VirtualMachineInstance, keys: PublicKeys | undefined): string =>
  json({
    instance_type: instanceType(vmi),
    instance_id: nameAndNamespace(vmi),
    hostname: hostName(vmi),
    public_keys: keys,
    uuid: vmi.spec.domain.firmware?.uuid ?? uuidOfOwner(vmi) ?? vmi.metadata?.uid,
  });

/** How a data source wants its files. Source: docs/reference/domain.md §5.2. */
interface DataSource {
  readonly field: 'cloudInitNoCloud' | 'cloudInitConfigDrive';
  readonly label: string;
  /** In the image. */
  readonly directory: string;
  readonly names: Readonly<Record<'user' | 'meta' | 'network', string>>;
  readonly metaData: (vmi: VirtualMachineInstance, keys: PublicKeys | undefined) => string;
  /** By which keys of `accessCredentials` are put into it. */
  readonly method: 'noCloud' | 'configDrive';
}

const NO_CLOUD: DataSource = {
  field: 'cloudInitNoCloud',
  label: 'cidata',
  directory: '',
  names: { user: 'user-data', meta: 'meta-data', network: 'network-config' },
  metaData,
  method: 'noCloud',
};
const CONFIG_DRIVE: DataSource = {
  field: 'cloudInitConfigDrive',
  label: 'config-2',
  directory: '/openstack/latest',
  names: { user: 'user_data', meta: 'meta_data.json', network: 'network_data.json' },
  metaData: configDriveMetaData,
  method: 'configDrive',
};

/** Makes the ISO unless it is there already: a guest that runs reads it. */
const makeCloudInitIso = async (
  preparation: Preparation,
  { field, label, directory, names, metaData: describe, method }: DataSource,
): Promise<void> => {
  const { vmi, volume, workspace } = preparation;
  const iso = workspace.paths.cloudInitIso(volume.name);
  if (await workspace.exists(iso)) return;
  const data = await cloudInitData(volume.name, field, volume[field] ?? {}, workspace);
  const keys = await publicKeys(preparation, method);
  const root = `${iso}.data`;
  // Of an attempt that was killed.
  await workspace.remove(root);
  await workspace.mkdir(root + directory);
  const write = (name: string, bytes: Buffer): Promise<void> =>
    workspace.writeFile(`${root}${directory}/${name}`, bytes);
  await Promise.all([
    write(names.meta, Buffer.from(describe(vmi, keys))),
    write(names.user, data.userData),
    ...(data.networkData === undefined ? [] : [write(names.network, data.networkData)]),
  ]);
  await makeIso(workspace, { volume: volume.name, what: 'the cloud-init image', directory: root, iso, label });
  // It may hold passwords.
  await workspace.remove(root);
};

const cloudInit = (source: DataSource): Preparer => ({
  files: ({ name }, _index, paths) => [paths.cloudInitIso(name)],
  prepare: async (preparation) => {
    await makeCloudInitIso(preparation, source);
    return { format: 'raw' };
  },
});

export const cloudInitNoCloud = cloudInit(NO_CLOUD);
export const cloudInitConfigDrive = cloudInit(CONFIG_DRIVE);
