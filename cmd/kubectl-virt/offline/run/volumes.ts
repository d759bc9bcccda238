import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkAcpiTables } from '../../../../src/agent/volumes/acpi-tables.js';
import { isWritten } from '../../../../src/agent/volumes/claim.js';
import { prepareVolumes } from '../../../../src/agent/volumes/prepare.js';
import { VolumeError } from '../../../../src/agent/volumes/volume-error.js';
import { CommandError } from '../../../../src/agent/workspace/command.js';
import type { Workspace } from '../../../../src/agent/workspace/workspace.js';
import type { ClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { sourceOf } from '../../../../src/api/vmi/volume-sources.js';
import { quantityBytes } from '../../../../src/api/quantity.js';
import type { DiskContext } from '../../../../src/domain/index.js';
import { CliError, UsageError } from '../../errors.js';
import type { Manifest } from '../manifests.js';
import { writeCloudInitKeys, writeContents } from './contents.js';

/** `--volume NAME=PATH`, absolute. */
export type Bindings = ReadonlyMap<string, string>;

/** @throws UsageError for a wrong form or a file that does not exist */
export const parseBindings = (values: readonly string[]): Bindings => {
  const bindings = new Map<string, string>();
  for (const value of values) {
    const at = value.indexOf('=');
    if (at < 1 || at === value.length - 1) {
      throw new UsageError(`invalid --volume "${value}"`, {
        remedy: 'Write NAME=PATH: a volume of the manifest and a local image.',
      });
    }
    const path = resolve(value.slice(at + 1));
    if (!existsSync(path))
      throw new UsageError(`--volume ${value}: ${path} does not exist`, { remedy: 'Correct the path.' });
    // The user's own link may stand for the image; in a volume none may.
    bindings.set(value.slice(0, at), realpathSync(path));
  }
  return bindings;
};

type Volumes = NonNullable<VirtualMachineInstance['spec']['volumes']>;

/** Where the content of a volume is, when it is not on this machine. */
const needsBinding = (volume: Volumes[number]): string | undefined => {
  const found = sourceOf(volume);
  if (typeof found?.source.withoutCluster !== 'object' || !('elsewhere' in found.source.withoutCluster))
    return undefined;
  return found.source.withoutCluster.elsewhere(found.settings);
};

/** Whether what the guest writes stays: the data are on this machine before and after. */
export const isKept = (volume: Volumes[number]): boolean => sourceOf(volume)?.source.image === 'persistent';

/** @throws UsageError naming volumes that must be bound, or bindings that no volume has */
export const checkBindings = (volumes: Volumes, bindings: Bindings): void => {
  for (const name of bindings.keys()) {
    const volume = volumes.find((each) => each.name === name);
    if (volume !== undefined && needsBinding(volume) !== undefined) continue;
    const bindable = volumes.filter((each) => needsBinding(each) !== undefined).map((each) => each.name);
    throw new UsageError(`--volume ${name}: the manifest has no volume of that name that could be bound`, {
      remedy: bindable.length === 0 ? 'None of its volumes needs it.' : `It has: ${bindable.join(', ')}.`,
    });
  }
  for (const volume of volumes) {
    const where = needsBinding(volume);
    if (where === undefined || bindings.has(volume.name)) continue;
    throw new UsageError(`volume ${volume.name} is ${where}, which this machine does not have`, {
      remedy: `Bind it to a local image: --volume ${volume.name}=disk.qcow2`,
    });
  }
};

/** The guest's user reads the image through no one else, so it must have the right itself. */
const requireAccess = async (
  workspace: Workspace,
  name: string,
  path: string,
  write: boolean,
  who: string,
): Promise<void> => {
  for (const [operator, verb] of [
    ['-r', 'read'],
    ['-w', 'written'],
  ] as const) {
    if (operator === '-w' && !write) continue;
    try {
      await workspace.run(['test', operator, path]);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new CliError(`volume ${name}: ${path} cannot be ${verb} by ${who}, who runs the guest`, {
        remedy:
          'Give that user the right to the file and its directories, copy it elsewhere, or run the command as the owner.',
      });
    }
  }
};

export interface LocalVolumes {
  readonly vmi: VirtualMachineInstance;
  readonly workspace: Workspace;
  readonly bindings: Bindings;
  readonly config: ClusterConfig;
  /** Objects of the manifests that are not ours: ConfigMaps and Secrets. */
  readonly others: readonly Manifest[];
  /** Who runs the guest, for error messages. */
  readonly who: string;
  /** The same as chown takes it. */
  readonly user: string;
  /** Reports what is not quite as it was asked for. */
  readonly note: (message: string) => void;
}

/**
 * Makes the volumes ready; what is bound is used in place (claims) or below an overlay (containerDisks, ephemeral
 * volumes), and a host disk is where its path says.
 */
export const prepareLocalVolumes = async (local: LocalVolumes): Promise<Record<string, DiskContext>> => {
  const { vmi, workspace, bindings, config } = local;
  const volumes = vmi.spec.volumes ?? [];
  for (const volume of volumes) {
    const path = bindings.get(volume.name);
    const write = isKept(volume) && isWritten(vmi, volume);
    if (path !== undefined) await requireAccess(workspace, volume.name, path, write, local.who);
  }
  await writeContents(volumes, local.others, workspace);
  await writeCloudInitKeys(vmi.spec, local.others, workspace);
  try {
    const facts = await prepareVolumes(vmi, workspace, {
      memoryLimitBytes: quantityBytes(config.diskVerification.memoryLimit),
      reserveBytes: config.minimumReservePVCBytes,
      toleratePercent: config.pvcTolerateLessSpaceUpToPercent,
      guest: local.user,
      imageSource: (name) => Promise.resolve({ file: bindings.get(name) ?? '' }),
      localFile: (name) => bindings.get(name) ?? volumes.find((volume) => volume.name === name)?.hostDisk?.path,
      notice: ({ message }) => local.note(message),
    });
    await checkAcpiTables(vmi, workspace);
    return facts;
  } catch (error) {
    if (error instanceof VolumeError || error instanceof CommandError)
      throw new CliError(error.message, { cause: error });
    throw error;
  }
};
