import { posix } from 'node:path';
import type { Workspace } from '../workspace/workspace.js';
import { cutLook, isImagesFault, LOOK_LIMITS, LOOK_TIMEOUT_SECONDS } from './look.js';
import { VolumeError, type Owner } from './volume-error.js';

/** Where images keep their disk when `path` is not given. */
const DEFAULT_DIRECTORY = '/disk';
/** More links than this in a row are a loop. */
const MAX_LINKS = 8;
/** Names of a directory that an error shows. */
const SHOWN = 5;

/** A file in an image: its path in the workspace, and whether reading it with O_DIRECT works. */
export interface ImageFile {
  readonly path: string;
  readonly directIo: boolean;
}

/**
 * Arguments: the root of the image; the path in it, or nothing for the only file of /disk; how many names to show.
 * Prints records that end in NUL, as names in an image may hold anything. Links are reported, not followed: they are
 * paths in the image.
 */
const LOOK_SCRIPT = `
say() { printf '%s\\0' "$@"; }
path=$2
if [ -z "$path" ]; then
  directory=$1/disk
  [ -d "$directory" ] || { say directory missing; exit 0; }
  [ -r "$directory" ] && [ -x "$directory" ] || { say directory unreadable; exit 0; }
  count=0
  for each in "$directory"/* "$directory"/.[!.]* "$directory"/..?*; do
    [ -e "$each" ] || [ -L "$each" ] || continue
    count=$((count + 1))
    [ "$count" -gt "$3" ] || say name "\${each##*/}"
    path=/disk/\${each##*/}
  done
  say count "$count"
  [ "$count" = 1 ] || exit 0
fi
file=$1$path
if [ -L "$file" ]; then
  say link "$(readlink -n -- "$file"; echo .)"
  exit 0
fi
[ -e "$file" ] || exit 0
say kind "$(stat --format=%F -- "$file")"
[ -f "$file" ] || exit 0
why=$(head -c 1 -- "$file" 2>&1 >/dev/null) || { say unreadable "\${why##*: }"; exit 0; }
dd if="$file" of=/dev/null bs=4096 count=1 iflag=direct,nofollow status=none 2>/dev/null && say direct yes
exit 0
`;

interface Look {
  readonly names: readonly string[];
  /** Key and value; the last of each. */
  readonly facts: ReadonlyMap<string, string>;
}

const parseLook = (output: string): Look => {
  const records = output.split('\0');
  const names: string[] = [];
  const facts = new Map<string, string>();
  for (let at = 0; at + 1 < records.length; at += 2) {
    const [key = '', value = ''] = records.slice(at, at + 2);
    if (key === 'name') names.push(value);
    else facts.set(key, value);
  }
  return { names, facts };
};

/**
 * Finds a file in an image whose file system is visible at `root`: the one that `path` names, or the only one in
 * `/disk`. One command, unless there are links. Source: docs/reference/domain.md §6.1.
 * @throws VolumeError permanent when there is none, more than one, or it cannot be read
 */
export const findImageFile = async (
  workspace: Workspace,
  owner: Owner,
  root: string,
  path: string | undefined,
): Promise<ImageFile> => {
  const refuse = (message: string, cause?: unknown): VolumeError =>
    new VolumeError(owner, 'permanent', message, { cause });
  let current = path === undefined ? undefined : posix.resolve('/', path);
  let first = current;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const { names, facts } = await look(workspace, owner, root, current, refuse);
    current ??= posix.join(DEFAULT_DIRECTORY, onlyName(names, facts, refuse));
    first ??= current;
    const link = facts.get('link');
    if (link === undefined) {
      requireFile(current === first ? current : `${current} (where ${first} leads)`, facts, owner, refuse);
      return { path: root + current, directIo: facts.has('direct') };
    }
    // The shell cuts newlines off the end of what a command prints, so a dot was put there.
    current = posix.resolve(posix.dirname(current), link.slice(0, -1));
  }
  throw refuse(`${first ?? ''} in the image is a chain of more than ${MAX_LINKS} symbolic links`);
};

type Refuse = (message: string, cause?: unknown) => VolumeError;

const look = async (
  workspace: Workspace,
  owner: Owner,
  root: string,
  path: string | undefined,
  refuse: Refuse,
): Promise<Look> => {
  try {
    const { stdout } = await workspace.script('image', LOOK_SCRIPT, [root, path ?? '', String(SHOWN)], {
      timeoutSeconds: LOOK_TIMEOUT_SECONDS,
      maxOutputBytes: 16 * 1024,
      limits: LOOK_LIMITS,
    });
    return parseLook(stdout.toString('utf8'));
  } catch (error) {
    if (!isImagesFault(error)) throw error;
    const cut = cutLook(owner, `${path ?? DEFAULT_DIRECTORY} in the image`, error);
    throw cut ?? unreadable(path ?? DEFAULT_DIRECTORY, error.stderr.trim(), refuse, error);
  }
};

const onlyName = (names: readonly string[], facts: Look['facts'], refuse: Refuse): string => {
  const remedy = `an image for a containerDisk holds one disk in ${DEFAULT_DIRECTORY}, or containerDisk.path names it`;
  const directory = facts.get('directory');
  if (directory === 'missing') throw refuse(`the image has no directory ${DEFAULT_DIRECTORY}; ${remedy}`);
  if (directory === 'unreadable') throw unreadable(DEFAULT_DIRECTORY, 'Permission denied', refuse);
  const count = Number(facts.get('count') ?? 0);
  const [name] = names;
  if (name === undefined) throw refuse(`the image has no file in ${DEFAULT_DIRECTORY}, so no disk; ${remedy}`);
  if (count === 1) return name;
  const found = names.join(', ') + (count > names.length ? ', …' : '');
  throw refuse(
    `the image has ${count} files in ${DEFAULT_DIRECTORY} (${found}), where one is allowed; name the disk with containerDisk.path`,
  );
};

const requireFile = (inImage: string, facts: Look['facts'], owner: Owner, refuse: Refuse): void => {
  const kind = facts.get('kind');
  const field = typeof owner === 'string' ? 'containerDisk.path' : owner.pathField;
  if (kind === undefined) throw refuse(`the image has no file ${inImage}; correct ${field} or the image`);
  if (!kind.startsWith('regular'))
    throw refuse(
      `${inImage} in the image is a ${kind}, not a ${typeof owner === 'string' ? 'disk file' : 'regular file'}`,
    );
  const reason = facts.get('unreadable');
  if (reason !== undefined) throw unreadable(inImage, reason, refuse);
};

const unreadable = (inImage: string, reason: string, refuse: Refuse, cause?: unknown): VolumeError =>
  refuse(
    `${inImage} in the image cannot be read (${reason}); give it to uid 107 when the image is built (COPY --chown=107:107)`,
    cause,
  );
