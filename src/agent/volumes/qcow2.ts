import type { ImageFormat } from './image-info.js';
import type { Workspace } from '../workspace/workspace.js';

/** What an overlay lies over. */
export interface Backing {
  readonly file: string;
  readonly format: ImageFormat;
  /** Where `file` is to be a link to, whatever it was before. */
  readonly target?: string;
}

/** Arguments: the file; a link to be made and its target, or two empty texts; then what `qemu-img create` is told. */
const SCRIPT = `
path=$1 link=$2 target=$3
shift 3
if [ -n "$link" ]; then
  ln -s -f -n -T -- "$target" "$link.staging" && mv -f -T -- "$link.staging" "$link" || exit 1
fi
[ -e "$path" ] && exit 0
qemu-img create -q -f qcow2 "$@" && mv -f -T -- "$path.staging" "$path"
`;

/**
 * Creates a qcow2 file over an image or of some bytes, unless there is one: what the guest has written since is worth more than
 * our order. @throws CommandError
 */
export const makeQcow2 = async (workspace: Workspace, path: string, content: Backing | bigint): Promise<void> => {
  const staging = `${path}.staging`;
  if (typeof content === 'bigint') {
    await workspace.script('qemu-img', SCRIPT, [path, '', '', '--', staging, content.toString()]);
    return;
  }
  const { file, format, target } = content;
  const link = target === undefined ? ['', ''] : [file, target];
  await workspace.script('qemu-img', SCRIPT, [path, ...link, '-b', file, '-F', format, '--', staging]);
};
