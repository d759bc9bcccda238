/**
 * Names of the project's images. There is no public registry of ours, and a name without one would mean Docker Hub,
 * where anybody may take `kubectl-virt`. Under `localhost` nobody can: such an image is loaded into the node, or it is
 * not there.
 */

const REGISTRY = 'localhost';
export const IMAGE_PREFIX = `${REGISTRY}/kubectl-virt`;

/** `localhost/kubectl-virt/control:0.1.0`. */
export const imageName = (name: string, tag: string): string => `${IMAGE_PREFIX}/${name}:${tag}`;

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/**
 * The pull policy of an image of ours: what is set, but never a pull from `localhost`, where whatever pod with the
 * host's network listens would be the registry.
 */
export const pullPolicy = (image: string, set: PullPolicy | undefined): PullPolicy | undefined =>
  image.startsWith(`${REGISTRY}/`) ? 'Never' : set;
