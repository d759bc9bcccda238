import type { KubernetesObject } from '../../../../src/kube/types.js';

/** What an informer needs to tell one state of an object from the next. */
export const identity = ({ metadata }: KubernetesObject): KubernetesObject => ({
  metadata: {
    name: metadata?.name,
    namespace: metadata?.namespace,
    uid: metadata?.uid,
    resourceVersion: metadata?.resourceVersion,
  },
});
