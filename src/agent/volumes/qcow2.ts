import { stagingName, type Workspace } from '../workspace/workspace.js';
import type { ImageFormat } from './image-info.js';
import { LOOK_LIMITS } from './look.js';

/** What an overlay is based on. */
export interface Backing {
  readonly file: string;
  readonly format: ImageFormat;
  /** Where `file` is to be a link to, whatever it was before. */
  readonly target?: string;
}

/**
 * Arguments: the file, its staging name, its bytes or an empty text; a link to be made, its staging name and its
 * target, or three empty texts; then options of `qemu-img create`. The shell makes the new file (`set -C`: it has to be
 * new) and qemu-img gets it by its descriptor, because it would itself write into whatever a link leads to. What has
 * been made is looked at before it gets its name. It is linked, which replaces nothing: a command that outlived its
 * agent must not put an empty disk over one that a guest writes to by now.
 */
const SCRIPT = `
path=$1 staging=$2 size=$3 link=$4 stagedlink=$5 target=$6
shift 6
if [ -n "$link" ]; then
  rm -f -- "$link".*.staging
  ln -s -T -- "$target" "$stagedlink" && mv -f -T -- "$stagedlink" "$link" || exit 1
fi
[ -e "$path" ] && exit 0
rm -f -- "$path".*.staging
set -C
exec 9>"$staging" || exit 1
qemu-img create -q -f qcow2 "$@" -- /dev/fd/9 $size || exit 1
[ "$(stat --format='%F %h' -- "$staging")" = 'regular file 1' ] || { echo "something else was put at $staging" >&2; exit 1; }
ln -T -- "$staging" "$path" || [ -e "$path" ] || exit 1
rm -f -- "$staging"
`;

/**
 * Creates a qcow2 file over an image or of some bytes, unless there is one: what the guest has written since is worth
 * more than our order. @throws CommandError
 */
export const makeQcow2 = async (workspace: Workspace, path: string, content: Backing | bigint): Promise<void> => {
  const staging = stagingName(path);
  const create = (size: string, link: readonly [string, string, string], ...options: string[]) =>
    workspace.script('qemu-img', SCRIPT, [path, staging, size, ...link, ...options], { limits: LOOK_LIMITS });
  if (typeof content === 'bigint') {
    await create(content.toString(), ['', '', '']);
    return;
  }
  const { file, format, target } = content;
  const link = target === undefined ? (['', '', ''] as const) : ([file, stagingName(file), target] as const);
  await create('', link, '-b', file, '-F', format);
};
