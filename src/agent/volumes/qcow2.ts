import type { Workspace } from '../workspace/workspace.js';

/** Creates a qcow2 file unless there is one: what the guest has written since is worth more than our order. */
export const makeQcow2 = async (
  workspace: Workspace,
  path: string,
  backing: readonly string[],
  bytes?: bigint,
): Promise<void> => {
  if (await workspace.exists(path)) return;
  const staging = `${path}.staging`;
  const size = bytes === undefined ? [] : [bytes.toString()];
  await workspace.run(['qemu-img', 'create', '-q', '-f', 'qcow2', ...backing, '--', staging, ...size]);
  await workspace.rename(staging, path);
};
