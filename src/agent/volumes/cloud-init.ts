import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { CloudInitNoCloudSource } from '../../api/schema/volumes.js';
import { hostName } from '../../launcher/index.js';
import { CommandError } from '../workspace/command.js';
import type { Workspace } from '../workspace/workspace.js';
import type { Preparer } from './preparation.js';
import { VolumeError } from './volume-error.js';

/** What a NoCloud data source holds. Source: spec/domain.md §5.1–5.2. */
export interface CloudInitData {
  readonly userData: Buffer;
  readonly networkData?: Buffer;
}

/** A Secret holds 1 MiB at most, so more is not ours. */
const MAX_BYTES = 1024 * 1024;
/** The keys of a Secret in the order they are looked for: both spellings are in use. */
const USER_DATA_KEYS = ['userdata', 'userData'];
const NETWORK_DATA_KEYS = ['networkdata', 'networkData'];
const ISO_TIMEOUT_SECONDS = 10;

/** Collects the inline data and what the Secrets hold; a Secret's value wins. @throws VolumeError when there is nothing */
export const cloudInitData = async (
  volume: string,
  source: CloudInitNoCloudSource,
  workspace: Workspace,
): Promise<CloudInitData> => {
  const fromSecret = (keys: readonly string[]): Promise<Buffer | undefined> =>
    readSecretKey(workspace, workspace.paths.secret(volume), keys);
  const userSecret = source.secretRef === undefined ? undefined : await fromSecret(USER_DATA_KEYS);
  const networkSecret = source.networkDataSecretRef === undefined ? undefined : await fromSecret(NETWORK_DATA_KEYS);
  requireKey(volume, source.secretRef?.name, userSecret ?? networkSecret, USER_DATA_KEYS);
  requireKey(volume, source.networkDataSecretRef?.name, networkSecret, NETWORK_DATA_KEYS);
  const userData = userSecret ?? inline(volume, 'userData', source.userData, source.userDataBase64);
  const networkData = networkSecret ?? inline(volume, 'networkData', source.networkData, source.networkDataBase64);
  if (userData === undefined && networkData === undefined)
    throw new VolumeError(
      volume,
      true,
      'cloudInitNoCloud has no data; give userData, userDataBase64, secretRef, networkData, networkDataBase64 or networkDataSecretRef',
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
  throw new VolumeError(volume, false, `Secret ${secret} has none of the keys ${keys.join(', ')}; add one`);
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
    throw new VolumeError(volume, true, `cloudInitNoCloud.${field}Base64 is not valid base64`);
  return decoded;
};

/**
 * meta-data as compact JSON (which is YAML). `instance-id` tells cloud-init whether it has run here before, so it is the
 * firmware UUID, which outlives the VMI; one without firmware takes its name and namespace, which do too.
 */
export const metaData = (vmi: VirtualMachineInstance): string => {
  const { name = '', namespace = '', annotations = {} } = vmi.metadata ?? {};
  const type = annotations['kubevirt.io/cluster-instancetype-name'] ?? annotations['kubevirt.io/instancetype-name'];
  const hostname = hostName(vmi);
  return JSON.stringify({
    ...(type === undefined ? {} : { 'instance-type': type }),
    'instance-id': vmi.spec.domain.firmware?.uuid ?? `${name}.${namespace}`,
    ...(hostname === '' ? {} : { 'local-hostname': hostname }),
  });
};

/** Makes the ISO unless it is there already: a guest that runs reads it. */
const makeCloudInitIso = async (
  vmi: VirtualMachineInstance,
  volume: string,
  source: CloudInitNoCloudSource,
  workspace: Workspace,
): Promise<void> => {
  const iso = workspace.paths.cloudInitIso(volume);
  if (await workspace.exists(iso)) return;
  const data = await cloudInitData(volume, source, workspace);
  const directory = `${iso}.data`;
  await workspace.remove(directory);
  await workspace.mkdir(directory);
  await workspace.writeFile(`${directory}/meta-data`, Buffer.from(metaData(vmi)));
  await workspace.writeFile(`${directory}/user-data`, data.userData);
  if (data.networkData !== undefined) await workspace.writeFile(`${directory}/network-config`, data.networkData);
  const staging = `${iso}.staging`;
  await workspace.remove(staging);
  try {
    await workspace.run(['xorriso', '-as', 'mkisofs', '-quiet', '-o', staging, '-V', 'cidata', '-J', '-r', directory], {
      timeoutSeconds: ISO_TIMEOUT_SECONDS,
    });
  } catch (error) {
    const reason = error instanceof CommandError ? error.message : String(error);
    throw new VolumeError(volume, false, `the cloud-init image could not be made: ${reason}`, { cause: error });
  }
  await workspace.rename(staging, iso);
  // It may hold passwords.
  await workspace.remove(directory);
};

export const cloudInit: Preparer = {
  files: ({ name }, _index, paths) => [paths.cloudInitIso(name)],
  prepare: async ({ vmi, volume: { name, cloudInitNoCloud }, workspace }) => {
    await makeCloudInitIso(vmi, name, cloudInitNoCloud ?? {}, workspace);
    return { format: 'raw' };
  },
};
