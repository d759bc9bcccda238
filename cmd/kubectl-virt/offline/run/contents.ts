import type { Workspace } from '../../../../src/agent/workspace/workspace.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { agentCredentials, cloudInitKeySecrets, credentialVolume } from '../../../../src/api/vmi/access-credentials.js';
import { kernelBoot } from '../../../../src/api/vmi/kernel-boot.js';
import { keepsState } from '../../../../src/api/vmi/persistent-state.js';
import type { SourceReference } from '../../../../src/api/vmi/volume-source.js';
import { referencesOf, sourceOf } from '../../../../src/api/vmi/volume-sources.js';
import { CliError, UsageError } from '../../errors.js';
import { nameOf } from '../findings.js';
import type { Manifest } from '../manifests.js';

type Volume = NonNullable<VirtualMachineInstance['spec']['volumes']>[number];

/** @throws UsageError for a volume, network, credential or device whose content exists in a cluster only */
export const checkContents = (spec: VirtualMachineInstance['spec']): void => {
  const { volumes = [], networks = [], domain } = spec;
  if (domain.devices.downwardMetrics !== undefined)
    throw new UsageError('the device downwardMetrics shows metrics that the agent of a cluster’s node collects', {
      remedy: 'Remove domain.devices.downwardMetrics.',
    });
  if (keepsState({ domain }))
    throw new UsageError('what firmware and TPM store is kept on a claim of the cluster’s storage', {
      remedy: 'Remove persistent from efi and tpm: it is kept over reboots of the guest.',
    });
  const [shared] = domain.devices.filesystems ?? [];
  if (shared !== undefined)
    throw new UsageError(`the file system ${shared.name} is shared by a container of the VM's pod`, {
      remedy: 'Remove it from domain.devices.filesystems: its volume becomes a disk.',
    });
  if (kernelBoot(domain) !== undefined)
    throw new UsageError('kernelBoot boots a kernel of an image in a registry, which this machine does not have', {
      remedy: 'Remove domain.firmware.kernelBoot and boot from a disk, or start the VM in a cluster.',
    });
  const attached = networks.find(({ multus }) => multus !== undefined);
  if (attached !== undefined)
    throw new UsageError(`the network ${attached.name} is attached to the VM's pod by Multus`, {
      remedy: 'Remove it and its interface.',
    });
  const [credential] = agentCredentials(spec);
  if (credential !== undefined)
    throw new UsageError(
      `the credentials of Secret ${credential.secretName} are kept by the agent of a cluster’s node`,
      {
        remedy: 'Remove them from accessCredentials, or give keys by noCloud or configDrive.',
      },
    );
  for (const volume of volumes) {
    const found = sourceOf(volume);
    const without = found?.source.withoutCluster;
    if (typeof without === 'object' && 'inCluster' in without)
      throw new UsageError(`volume ${volume.name} is of type ${found?.kind}: ${without.inCluster}`, {
        remedy: 'Remove the volume and its disk, or write the files into a ConfigMap beside the manifest.',
      });
  }
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

const requireFiles = (others: readonly Manifest[], owner: string, kind: Kind, name: string): Files => {
  const files = filesOf(others, kind, name);
  if (files !== undefined) return files;
  throw new CliError(`${owner}: the ${kind} ${name} is not among the manifests`, {
    remedy: 'Add it to the file, or name its file with another -f.',
  });
};

const writeAll = async (workspace: Workspace, directory: string, files: Files): Promise<void> => {
  await workspace.mkdir(directory);
  for (const [key, data] of files) await workspace.writeFile(`${directory}/${key}`, data);
};

/** The files that a reference of a volume brings; undefined for what is no ConfigMap and no Secret. */
const filesBehind = (others: readonly Manifest[], volume: string, reference: SourceReference): Files | undefined => {
  const { kind, name = '', optional = false } = reference;
  if (kind !== 'ConfigMap' && kind !== 'Secret') return undefined;
  return optional ? (filesOf(others, kind, name) ?? new Map()) : requireFiles(others, `volume ${volume}`, kind, name);
};

/** SSH keys that cloud-init brings, laid out as kubelet would mount their Secrets. @throws CliError as writeContents */
export const writeCloudInitKeys = async (
  spec: VirtualMachineInstance['spec'],
  others: readonly Manifest[],
  workspace: Workspace,
): Promise<void> => {
  const names = (['noCloud', 'configDrive'] as const).flatMap((method) => cloudInitKeySecrets(spec, method));
  for (const name of new Set(names)) {
    const files = requireFiles(others, 'accessCredentials', 'Secret', name);
    await writeAll(workspace, workspace.paths.accessCredential(credentialVolume(name)), files);
  }
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
    const mount = sourceOf(volume)?.source.mount;
    if (mount !== 'secret' && mount !== 'content') continue;
    for (const reference of referencesOf(volume)) {
      // A cloud-init volume may have none of the two.
      if (mount === 'secret' && reference.name === undefined) continue;
      const files = filesBehind(others, volume.name, reference);
      if (files === undefined) continue;
      const directory = workspace.paths[mount](volume.name);
      await writeAll(workspace, mount === 'content' ? `${directory}/..local` : directory, files);
      if (mount === 'content') await workspace.symlink('..local', `${directory}/..data`);
    }
  }
};
