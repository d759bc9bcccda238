/** A node that has more to do than it can. */
import { availableParallelism } from 'node:os';
import { ImageTag } from '../../../images/recipes.js';
import { apply, list } from './api.js';
import type { Pod } from './faults.js';
import { until } from './kubectl.js';

/** A loop that never waits, with the weight that a pod of a guest with one vCPU has by default. */
const busyPod = (namespace: string, name: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { busy: 'true' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'busy',
        image: ImageTag.launcher,
        imagePullPolicy: 'Never',
        command: ['sh', '-c', 'while :; do :; done'],
        resources: { requests: { cpu: '100m', memory: '8Mi' } },
      },
    ],
  },
});

/** Pods that would use `times` the CPUs of this node; returns when all of them do. */
export const overload = async (namespace: string, times: number): Promise<void> => {
  const names = Array.from({ length: availableParallelism() * times }, (_, index) => `busy-${index}`);
  for (const name of names) await apply(busyPod(namespace, name));
  await until(
    'a node that is busy',
    async () => {
      const pods = await list<Pod>(namespace, 'pod', 'busy=true');
      return pods.length === names.length && pods.every(({ status }) => status.phase === 'Running');
    },
    { namespace },
  );
};
