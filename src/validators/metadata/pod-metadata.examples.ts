import type { Change, ExampleTable } from '../rule/examples.js';

const own = (map: object): Change => ({ 'metadata.annotations': map });
/** Annotations of that many bytes. */
const filled = (bytes: number) => ({ a: 'b'.repeat(bytes - 1) });

export const podMetadataExamples: ExampleTable = {
  'meta.annotations-size': {
    accepts: [
      own(filled(252 * 1024)),
      own({ a: 'b', 'kubectl.kubernetes.io/last-applied-configuration': 'c'.repeat(255 * 1024) }),
    ],
    refuses: [
      [own(filled(252 * 1024 + 1)), 'metadata.annotations'],
      [own({ a: 'é'.repeat(128 * 1024) }), 'metadata.annotations'],
    ],
  },
  'meta.pod-annotations': {
    accepts: [
      own({ 'controller.kubernetes.io/pod-deletion-cost': '100' }),
      own({ 'controller.kubernetes.io/pod-deletion-cost': '-2147483648', 'sidecar.istio.io/inject': 'false' }),
    ],
    refuses: [
      [
        own({ 'controller.kubernetes.io/pod-deletion-cost': '2147483648' }),
        'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]',
      ],
      [own({ 'kubernetes.io/config.mirror': '' }), 'metadata.annotations[kubernetes.io/config.mirror]'],
      [own({ 'sidecar.istio.io/inject': 'yes please' }), 'metadata.annotations[sidecar.istio.io/inject]'],
    ],
  },
};
