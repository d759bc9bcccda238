import { connectTo } from '../connect.js';
import { CliError, ExitCode } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { print, type Io } from '../io.js';
import { lookAt } from './found.js';

export const OLDEST_MINOR = 20;
/** The versions from which on a cluster gets more than manifests/: the folders of overlays/. */
export const OVERLAYS = [21, 30, 31] as const;

/** What to apply to a cluster of this version. */
export const directoryFor = (minor: number): string => {
  const overlay = OVERLAYS.findLast((since) => since <= minor);
  return overlay === undefined ? 'manifests/' : `overlays/kubernetes-1.${overlay}/`;
};

/** `preflight`: what an installation would meet. Reads only. */
export const preflight = async (io: Io, flags: GlobalFlags): Promise<number> => {
  const { minor, kubevirt, ours, cdi } = await lookAt(await connectTo(io, flags));
  if (kubevirt.length > 0)
    throw new CliError(`KubeVirt is in this cluster: ${kubevirt.join('; ')}. Nothing was changed`, {
      remedy:
        'Both have the same CRDs, namespace and API, and to install would overwrite its. Take another cluster, or ' +
        'remove KubeVirt first: docs/moving-from-kubevirt.md.',
    });
  if (minor < OLDEST_MINOR)
    throw new CliError(`this cluster is Kubernetes 1.${minor}`, { remedy: `It has to be 1.${OLDEST_MINOR} or newer.` });
  print(io, `Kubernetes 1.${minor}, no KubeVirt${ours ? ', kubectl-virt is installed: this is an update' : ''}.`);
  print(io, `Next:  kubectl apply -k ${directoryFor(minor)}`);
  print(
    io,
    cdi
      ? 'CDI fills DataVolumes: leave manifests/data-volumes.yaml alone.'
      : 'No CDI. For DataVolumes by the built-in importer:  kubectl apply -f manifests/data-volumes.yaml',
  );
  return ExitCode.ok;
};
