import type { MutationStep } from './mutation.js';

/** A tag that may move (`:latest`, or none at all) is pulled again each time; anything else stays. */
export const defaultPullPolicy = (image: string): 'Always' | 'IfNotPresent' => {
  // A registry's port counts as a tag, as in KubeVirt: `host:5000/img` is IfNotPresent.
  const pinned = image.includes(':') || image.includes('@');
  return image.endsWith(':latest') || !pinned ? 'Always' : 'IfNotPresent';
};

export const pullPolicy: MutationStep = {
  id: 'mut.pull-policy',
  summary: '`containerDisk.imagePullPolicy` becomes Always for `:latest` or no tag, else IfNotPresent.',
  apply: ({ spec }) => {
    for (const { containerDisk } of spec.volumes ?? []) {
      if (containerDisk) containerDisk.imagePullPolicy ||= defaultPullPolicy(containerDisk.image);
    }
  },
};
