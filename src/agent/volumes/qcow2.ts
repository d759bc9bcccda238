import type { Workspace } from '../workspace/workspace.js';

/** Arguments: the file, then what `qemu-img create` is told. */
const SCRIPT = `
path=$1
shift
[ -e "$path" ] && exit 0
qemu-img create -q -f qcow2 "$@" && mv -f -T -- "$path.staging" "$path"
`;

/** Creates a qcow2 file unless there is one: what the guest has written since is worth more than our order. */
export const makeQcow2 = async (
  workspace: Workspace,
  path: string,
  backing: readonly string[],
  bytes?: bigint,
): Promise<void> => {
  const size = bytes === undefined ? [] : [bytes.toString()];
  await workspace.script('qemu-img', SCRIPT, [path, ...backing, '--', `${path}.staging`, ...size]);
};
