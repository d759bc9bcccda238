import { stagingName, type Workspace } from '../workspace/workspace.js';
import type { ImageFormat } from './image-info.js';
import { LOOK_LIMITS } from './look.js';

/** What an overlay lies over. */
export interface Backing {
  readonly file: string;
  readonly format: ImageFormat;
  /** Where `file` is to be a link to, whatever it was before. */
  readonly target?: string;
}

/**
 * Arguments: the file, its staging name; a link to be made, its staging name and its target, or three empty texts; then what
 * `qemu-img create` is told. What has been made is looked at before it gets its name: a file that has no other name. It is linked, which
 * replaces nothing: a command that outlived its agent must not put an empty disk over one that a guest writes to by now.
 */
const SCRIPT = `
path=$1 staging=$2 link=$3 stagedlink=$4 target=$5
shift 5
if [ -n "$link" ]; then
  rm -f -- "$link".*.staging
  ln -s -T -- "$target" "$stagedlink" && mv -f -T -- "$stagedlink" "$link" || exit 1
fi
[ -e "$path" ] && exit 0
rm -f -- "$path".*.staging
qemu-img create -q -f qcow2 "$@" || exit 1
[ "$(stat --format='%F %h' -- "$staging")" = 'regular file 1' ] || { echo "something else was put at $staging" >&2; exit 1; }
ln -T -- "$staging" "$path" || [ -e "$path" ] || exit 1
rm -f -- "$staging"
`;

/**
 * Creates a qcow2 file over an image or of some bytes, unless there is one: what the guest has written since is worth more than
 * our order. @throws CommandError
 */
export const makeQcow2 = async (workspace: Workspace, path: string, content: Backing | bigint): Promise<void> => {
  const staging = stagingName(path);
  const create = (link: readonly [string, string, string], ...args: string[]) =>
    workspace.script('qemu-img', SCRIPT, [path, staging, ...link, ...args], { limits: LOOK_LIMITS });
  if (typeof content === 'bigint') {
    await create(['', '', ''], '--', staging, content.toString());
    return;
  }
  const { file, format, target } = content;
  const link = target === undefined ? (['', '', ''] as const) : ([file, stagingName(file), target] as const);
  await create(link, '-b', file, '-F', format, '--', staging);
};
