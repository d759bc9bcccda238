import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { Label } from '../../../src/api/names.js';
import { findCondition } from '../../../src/api/vmi/condition.js';
import { vmiId } from '../../../src/api/vmi/instance-label.js';
import { phaseOf } from '../../../src/api/vmi/phase.js';
import { isPodOf, type LauncherPod } from '../client/launcher-pod.js';
import { hidden, ok, problem, told, warning, type Check } from './check.js';
import { lacksKvm, NO_KVM, nodeProblem } from './nodes.js';
import { podTrouble } from './programs.js';
import { becauseOf, type Reader } from './reader.js';

/** Where the launcher pods of a VM, and others that say so, are listed. */
export const podsPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`${Label.app}=virt-launcher,${Label.vmiId}=${vmiId(name)}`)}`;

/** The scheduler's word, with what virt-controller knows besides, or kubelet's about a container. */
const podProblem = (about: string, pod: LauncherPod, vmi: VirtualMachineInstance): Check | undefined => {
  const scheduled =
    findCondition(vmi.status?.conditions, 'PodScheduled') ?? findCondition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') {
    const message = scheduled.message ?? scheduled.reason ?? '';
    return problem(
      about,
      `no node takes it: ${message}`,
      lacksKvm(message) ? NO_KVM : (told('status', 'ErrorUnschedulable')?.remedy ?? ''),
    );
  }
  const trouble = podTrouble(pod);
  if (trouble === undefined) return undefined;
  const [, reason = ''] = /^container [^:]*: (\w+)/.exec(trouble) ?? [];
  const pulls = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName'].includes(reason);
  return problem(
    about,
    trouble,
    told('condition', `Synchronized/${pulls ? 'ErrImagePull' : reason}`)?.remedy ?? told('end', 'PodFailed')?.remedy,
  );
};

/** The launcher pod, and the node whose agent is to start the guest in it. */
export const checkPod = async (
  vmi: VirtualMachineInstance,
  { reader, name, now }: { readonly reader: Reader; readonly name: string; readonly now: number },
): Promise<Check[]> => {
  const { namespace } = reader.client;
  const phase = phaseOf(vmi);
  const runs = phase === 'Running';
  const read = await reader.list<LauncherPod>(podsPath(namespace, name));
  const checks: Check[] = [];
  let node = vmi.status?.nodeName;
  // Whether there is one, nobody knows then.
  if (read.is === 'failed' || read.is === 'missing')
    return [problem('pod', `the pods of ${namespace} cannot be listed${becauseOf(read)}`)];
  if (read.is === 'hidden') checks.push(hidden('pod', `list pods in ${namespace}`));
  else {
    const pod = read.content.find((each) => isPodOf(each, vmi));
    if (pod === undefined) {
      const waits = told('phase', phase);
      return [problem('pod', `it has none yet; it waits for ${waits?.meaning ?? 'one'}`, waits?.remedy)];
    }
    const about = `pod ${pod.metadata?.name ?? ''}`;
    const trouble = runs ? undefined : podProblem(about, pod, vmi);
    if (trouble !== undefined) return [trouble];
    node ??= pod.spec?.nodeName;
    checks.push(ok(about, `phase ${pod.status?.phase ?? 'unknown'}${node === undefined ? '' : `, on node ${node}`}`));
  }
  if (runs) return checks;
  const broken = node === undefined ? undefined : await nodeProblem(reader, node, now);
  if (broken !== undefined) return [...checks, { ...broken, state: 'problem' }];
  const waits = told('phase', phase);
  return [
    ...checks,
    warning(`instance ${name}`, `it is on its way: it waits for ${waits?.meaning ?? phase}`, waits?.remedy ?? ''),
  ];
};
