import type { BlockSizes } from '../../domain/index.js';
import { CommandError } from '../workspace/command.js';
import type { Workspace } from '../workspace/workspace.js';
import { LOOK_TIMEOUT_SECONDS } from './look.js';
import { VolumeError } from './volume-error.js';

/** What stands at a path, and where. All of it as the guest's uid sees it. */
export interface Inspection {
  /** As stat names it: `regular file`, `block special file`, `symbolic link`, `fifo`, …; undefined: nothing. */
  readonly kind: string | undefined;
  readonly uid: number;
  readonly gid: number;
  /** Octal digits. */
  readonly mode: string;
  /** Size of a file or device. */
  readonly bytes: bigint;
  /** What a file takes up: less than its size where it has holes. */
  readonly allocatedBytes: bigint;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Reading with O_DIRECT works. */
  readonly directIo: boolean;
  /** Of the device; for a file, of its file system. */
  readonly blockSize: BlockSizes;
  /** Of a device: whether it takes SCSI commands; undefined: nobody says. */
  readonly scsi: boolean | undefined;
  readonly directory: {
    readonly uid: number;
    readonly gid: number;
    readonly mode: string;
    readonly searchable: boolean;
    readonly writable: boolean;
    /** Free for ordinary users. */
    readonly availableBytes: bigint;
  };
}

/** Where the kernel describes devices. */
const SYSFS = '/sys';

/**
 * Arguments: the path; the root of sysfs. Links are not followed, and nothing but files and block devices is opened: a
 * FIFO would wait for ever. SCSI commands are for disks of a SCSI host and multipath maps of them.
 */
const INSPECT_SCRIPT = `
directory=\${1%/*}
directory=\${directory:-/}
space=$(stat --file-system --format='%a %S %s' -- "$directory") || exit 1
echo "space $space"
stat --dereference --format='directory %u %g %a' -- "$directory" || exit 1
[ -x "$directory" ] && echo searchable
[ -w "$directory" ] && echo creatable
[ -e "$1" ] || [ -L "$1" ] || exit 0
stat --format='file %u %g %a %s %b %B %F' -- "$1" || exit 1
[ -L "$1" ] && exit 0
[ -r "$1" ] && echo readable
[ -w "$1" ] && echo writable
[ -f "$1" ] || [ -b "$1" ] || exit 0
dd if="$1" of=/dev/null bs=4096 count=1 iflag=direct,nofollow status=none 2>/dev/null && echo direct
[ -b "$1" ] && [ -r "$1" ] || exit 0
sizes=$(blockdev --getss --getpbsz --getsize64 "$1") || exit 0
echo blocks $sizes
number=$(stat --format='0x%t 0x%T' -- "$1") || exit 1
device=$2/dev/block/$((\${number% *})):$((\${number#* }))
[ -r "$device/queue/discard_granularity" ] && echo "granularity $(cat "$device/queue/discard_granularity")"
[ -d "$device" ] || exit 0
if [ -e "$device/device/scsi_device" ]; then echo scsi yes
elif [ -r "$device/dm/uuid" ] && [ "$(head -c 6 "$device/dm/uuid")" = mpath- ]; then echo scsi yes
else echo scsi no
fi
`;

/** Looks at a path with one command. @throws CommandError when its directory cannot even be looked at */
export const inspect = async (workspace: Workspace, path: string, sysfs = SYSFS): Promise<Inspection> => {
  const { stdout } = await workspace.script('inspect', INSPECT_SCRIPT, [path, sysfs], {
    timeoutSeconds: LOOK_TIMEOUT_SECONDS,
    maxOutputBytes: 4096,
  });
  return parseInspection(stdout.toString('utf8'));
};

/** The same for a volume, whose name is on the error. @throws VolumeError */
export const inspectVolume = async (
  workspace: Workspace,
  volume: string,
  path: string,
  owner: string,
): Promise<Inspection> => {
  try {
    return await inspect(workspace, path);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new VolumeError(volume, 'transient', `${owner} cannot be looked at: ${error.message}`, { cause: error });
  }
};

/** Reads what the script prints. Exported for tests. */
export const parseInspection = (output: string): Inspection => {
  const lines = new Map(
    output.split('\n').map((line): [string, string[]] => {
      const [key = '', ...values] = line.split(' ');
      return [key, values];
    }),
  );
  const flag = (key: string): boolean => lines.has(key);
  const values = (key: string): string[] => lines.get(key) ?? [];
  const number = (text: string | undefined): number => Number(text ?? 0);
  const [available, fundamental, preferred] = values('space');
  const [uid, gid, mode = '', bytes, blocks, blockBytes, ...kind] = values('file');
  const [directoryUid, directoryGid, directoryMode = ''] = values('directory');
  const [logical, physical, deviceBytes] = values('blocks');
  const scsi = values('scsi')[0];
  const blockSize = flag('blocks')
    ? {
        logical: number(logical),
        physical: number(physical),
        discardGranularity: number(values('granularity')[0]),
      }
    : { logical: number(preferred), physical: number(preferred), discardGranularity: number(preferred) };
  return {
    kind: flag('file') ? kind.join(' ') : undefined,
    uid: number(uid),
    gid: number(gid),
    mode,
    bytes: BigInt(deviceBytes ?? bytes ?? 0),
    allocatedBytes: BigInt(blocks ?? 0) * BigInt(blockBytes ?? 0),
    readable: flag('readable'),
    writable: flag('writable'),
    directIo: flag('direct'),
    blockSize,
    scsi: scsi === undefined ? undefined : scsi === 'yes',
    directory: {
      uid: number(directoryUid),
      gid: number(directoryGid),
      mode: directoryMode,
      searchable: flag('searchable'),
      writable: flag('creatable'),
      availableBytes: BigInt(available ?? 0) * BigInt(fundamental ?? 0),
    },
  };
};

export const isRegularFile = ({ kind }: Inspection): boolean => kind?.startsWith('regular') === true;
export const isBlockDevice = ({ kind }: Inspection): boolean => kind === 'block special file';
