/**
 * What an agent in a cgroup namespace of its own does. Prints what it sees of the pod's cgroups, and where its command
 * ran.
 */
import { readFileSync } from 'node:fs';
import { Confinement } from '../../../src/agent/pod/confinement.js';
import { firstProcess } from '../../../src/agent/pod/pod-process.js';
import { PodWorkspace } from '../../../src/agent/workspace/pod-workspace.js';
import { FakePod } from './fake-pod.js';

const pod = new FakePod({ cgroupNamespace: true });
try {
  await pod.start();
  const first = await firstProcess(pod.compute);
  if (first === undefined) throw new Error('no first process');
  const seen = readFileSync(`/proc/${first.pid}/cgroup`, 'utf8');
  const { stdout } = await new PodWorkspace('vmi', new Confinement(pod.compute, first)).run([
    'cat',
    '/proc/self/cgroup',
  ]);
  process.stdout.write(JSON.stringify({ seen, cgroups: stdout.toString('utf8') }));
} finally {
  await pod.stop();
}
