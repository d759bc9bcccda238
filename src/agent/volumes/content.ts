import type { Volume } from '../../api/schema/volumes.js';
import type { Workspace } from '../workspace/workspace.js';
import { makeIso } from './iso.js';
import type { Preparer } from './preparation.js';
import { VolumeError } from './volume-error.js';

/**
 * What the image of a ConfigMap and its like is called when the volume does not say. Source: docs/reference/domain.md
 * §5.4.
 */
const DEFAULT_LABEL = 'cfgdata';
const SYSPREP_LABEL = 'unattendCD';

/**
 * The directory in which kubelet has the files themselves. It writes them into `..<time>`, has the link `..data` point
 * there and one link per key point through that; an update is another directory and one rename. So the directory behind
 * `..data` is one version of all keys and nothing else, and stays that while the image is made.
 * Exported for tests.
 */
export const contentDirectory = async (workspace: Workspace, volume: string): Promise<string> => {
  const mounted = workspace.paths.content(volume);
  const version = await workspace.readLink(`${mounted}/..data`);
  if (version === undefined || version.includes('/') || version === '..' || version === '.')
    throw new VolumeError(volume, 'transient', `kubelet has put nothing into ${mounted} yet`);
  return `${mounted}/${version}`;
};

/** Windows looks for one of these, and does not mind the case of letters. */
const ANSWER_FILES = ['autounattend.xml', 'unattend.xml'];

const requireAnswerFile = async (workspace: Workspace, { name, sysprep }: Volume, directory: string): Promise<void> => {
  const wanted = ANSWER_FILES.flatMap((file, index) => [...(index === 0 ? [] : ['-o']), '-iname', file]);
  const search = ['-mindepth', '1', '-maxdepth', '1', '(', ...wanted, ')', '-printf', 'x', '-quit'];
  const { stdout } = await workspace.run(['find', directory, ...search]);
  if (stdout.length > 0) return;
  const source = sysprep?.secret
    ? `Secret ${sysprep.secret.name ?? ''}`
    : `ConfigMap ${sysprep?.configMap?.name ?? ''}`;
  throw new VolumeError(
    name,
    'transient',
    `${source} has neither key ${ANSWER_FILES.join(' nor ')}, and Windows needs one`,
  );
};

interface Kind {
  readonly label: (volume: Volume) => string | undefined;
  readonly check?: typeof requireAnswerFile;
}

/** An image of what kubelet mounted, made once: what changes later is seen by the pod, not by the guest that runs. */
const content = ({ label, check }: Kind): Preparer => ({
  files: ({ name }, _index, paths) => [paths.contentIso(name)],
  prepare: async ({ volume, workspace }) => {
    const iso = workspace.paths.contentIso(volume.name);
    if (await workspace.exists(iso)) return { format: 'raw' };
    const directory = await contentDirectory(workspace, volume.name);
    await check?.(workspace, volume, directory);
    await makeIso(workspace, {
      volume: volume.name,
      what: 'the image of its files',
      directory,
      iso,
      label: label(volume) || DEFAULT_LABEL,
    });
    return { format: 'raw' };
  },
});

export const configMap = content({ label: (volume) => volume.configMap?.volumeLabel });
export const secret = content({ label: (volume) => volume.secret?.volumeLabel });
export const downwardAPI = content({ label: (volume) => volume.downwardAPI?.volumeLabel });
export const serviceAccount = content({ label: () => undefined });
export const sysprep = content({ label: () => SYSPREP_LABEL, check: requireAnswerFile });
