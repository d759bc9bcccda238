import { posix } from 'node:path';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Volume } from '../../api/schema/volumes.js';
import { isOnlyShared } from '../../api/vmi/filesystems.js';
import { efiBoot } from '../../api/vmi/efi.js';
import { keepsEfi } from '../../api/vmi/persistent-state.js';
import { volumeSourceKind } from '../../api/vmi/volume-source.js';
import { isActedOn, type ActedOnSource } from '../../api/vmi/volume-sources.js';
import type { DiskContext } from '../../domain/index.js';
import { Limiter } from '../vm/limiter.js';
import type { Workspace } from '../workspace/workspace.js';
import { claim } from './claim.js';
import { cloudInitConfigDrive, cloudInitNoCloud } from './cloud-init.js';
import { containerDisk } from './container-disk.js';
import { configMap, downwardAPI, secret, serviceAccount, sysprep } from './content.js';
import { downwardMetrics } from './downward-metrics.js';
import { emptyDisk } from './empty-disk.js';
import { ephemeral } from './ephemeral.js';
import { hostDisk } from './host-disk.js';
import type { OwnFileSystem, Preparer, PrepareOptions } from './preparation.js';
import { VolumeError } from './volume-error.js';

/** Exported for the test that watches each of them at work. */
export const PREPARERS: Readonly<Record<ActedOnSource, Preparer>> = {
  cloudInitConfigDrive,
  cloudInitNoCloud,
  configMap,
  containerDisk,
  dataVolume: claim,
  downwardAPI,
  downwardMetrics,
  emptyDisk,
  ephemeral,
  hostDisk,
  persistentVolumeClaim: claim,
  secret,
  serviceAccount,
  sysprep,
};

interface Work {
  readonly preparer: Preparer;
  readonly volume: Volume;
  readonly index: number;
}

/**
 * Volumes of one VM that are worked on at a time. Each is a chain of short processes, so more would only queue for the
 * CPU.
 */
const PARALLEL_VOLUMES = 8;

/**
 * Makes every volume of a VMI ready in its workspace. Runs again after a kill at any point: what is complete is reused,
 * what is not (it has a staging name) is made again. Never touches the content of an existing emptyDisk or overlay.
 * @returns facts by volume name
 * @throws VolumeError naming the volume; CommandError when the workspace itself fails. Nothing runs any more by then.
 */
export const prepareVolumes = async (
  vmi: VirtualMachineInstance,
  workspace: Workspace,
  options: PrepareOptions,
): Promise<Record<string, DiskContext>> => {
  const work = (vmi.spec.volumes ?? []).flatMap((volume, index): Work[] => {
    // virtiofsd has it as it is.
    if (isOnlyShared(vmi.spec, volume.name)) return [];
    const kind = volumeSourceKind(volume);
    if (isActedOn(kind)) return [{ preparer: PREPARERS[kind], volume, index }];
    throw new VolumeError(volume.name, 'permanent', `the source ${kind ?? '(none)'} is not supported by this version`);
  });
  // libvirt makes the file of the variables and the directory of a TPM, but no directory of theirs.
  const kept = keepsEfi(vmi.spec)
    ? [workspace.paths.kept.efiVariables(efiBoot(vmi.spec.domain)?.secureBoot === true)]
    : [];
  const own = await makeDirectories(work, workspace, kept);
  const limiter = new Limiter(PARALLEL_VOLUMES);
  const prepareOne = async ({ preparer, volume, index }: Work): Promise<DiskContext> => {
    const facts = await preparer.prepare({ vmi, volume, index, workspace, own, options });
    return preparer.files === undefined ? facts : { ...own, ...facts };
  };
  const results = await Promise.allSettled(work.map((one) => limiter.run(() => prepareOne(one))));
  // The first in the order of the spec, so that one mistake gives one message however the race went.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return Object.fromEntries(
    results.flatMap((result, index) => {
      const name = work[index]?.volume.name;
      return result.status === 'fulfilled' && name !== undefined ? [[name, result.value]] : [];
    }),
  );
};

/**
 * Arguments: the directory whose file system is asked about, then those to make, of which it is one. Prints its block
 * size, and
 * `direct` where O_DIRECT works.
 */
const DIRECTORIES_SCRIPT = `
probe=$1/.direct-io-probe
shift
mkdir -p -m 0750 -- "$@" || exit 1
stat --file-system --format=%s -- "\${probe%/*}" || exit 1
rm -f -- "$probe"
dd if=/dev/zero of="$probe" bs=4096 count=1 conv=excl oflag=direct,nofollow status=none 2>/dev/null && echo direct
rm -f -- "$probe"
`;

/**
 * One command for all directories, and for what is to be known of their file system: every command costs a process in
 * the pod.
 */
const makeDirectories = async (
  work: readonly Work[],
  workspace: Workspace,
  more: readonly string[],
): Promise<OwnFileSystem> => {
  const { paths } = workspace;
  const files = work.flatMap(({ preparer, volume, index }) => [...(preparer.files?.(volume, index, paths) ?? [])]);
  const sockets = [paths.serialSocket, paths.vncSocket, paths.guestAgentSocket];
  const directories = [...new Set([...files, ...sockets, ...more].map((file) => posix.dirname(file)))];
  const { stdout } = await workspace.script('mkdir', DIRECTORIES_SCRIPT, [directories[0] ?? '', ...directories]);
  const [blocks, direct] = stdout.toString('utf8').trim().split('\n');
  const size = Number(blocks);
  return { directIo: direct === 'direct', blockSize: { logical: size, physical: size, discardGranularity: size } };
};
