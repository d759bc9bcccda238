import { credentialVolume } from '../../api/vmi/access-credentials.js';
import type { Workspace } from '../workspace/workspace.js';

/** A Secret holds 1 MiB at most; keys and passwords of a VM are a fraction of that. Bytes of all its values. */
export const MAX_SECRET_BYTES = 256 * 1024;
/** In base64, with names. */
const MAX_OUTPUT = 2 * MAX_SECRET_BYTES;

/**
 * Argument: the directory in which kubelet mounted a Secret. Each key and its value in base64, with a null byte behind
 * each. More than `head` lets through is found too large afterwards.
 */
const READ_SCRIPT = `
cd -- "$1" || exit 3
for file in *; do
  [ -f "$file" ] || continue
  printf '%s\\0' "$file"
  head -c ${MAX_SECRET_BYTES} -- "$file" | base64 -w 0
  printf '\\0'
done
`;

const directoryOf = (workspace: Workspace, secretName: string): string =>
  workspace.paths.accessCredential(credentialVolume(secretName));

/**
 * What a Secret holds, by its keys, as kubelet has it in the pod: read there, with the rights of the guest's uid.
 * @throws CommandError, also for one that holds more than {@link MAX_SECRET_BYTES}
 */
export const readSecret = async (workspace: Workspace, secretName: string): Promise<Map<string, Buffer>> => {
  const { stdout } = await workspace.script('read-secret', READ_SCRIPT, [directoryOf(workspace, secretName)], {
    maxOutputBytes: MAX_OUTPUT,
  });
  const parts = stdout.toString('latin1').split('\0');
  const found = new Map<string, Buffer>();
  for (let at = 0; at + 1 < parts.length; at += 2)
    found.set(parts[at] ?? '', Buffer.from(parts[at + 1] ?? '', 'base64'));
  const bytes = [...found.values()].reduce((sum, value) => sum + value.length, 0);
  if (bytes > MAX_SECRET_BYTES) throw new Error(`Secret ${secretName} holds more than ${MAX_SECRET_BYTES} bytes`);
  return found;
};

/** Another one after each change: kubelet brings the whole Secret at once, by another target of a link. */
export const secretStamp = async (workspace: Workspace, secretName: string): Promise<string> =>
  (await workspace.readLink(`${directoryOf(workspace, secretName)}/..data`)) ?? '';
