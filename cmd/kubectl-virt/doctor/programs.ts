import { GROUP, INSTALL_NAMESPACE, Label, STORED_VERSION } from '../../../src/api/names.js';
import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { findCondition } from '../../../src/api/vmi/condition.js';
import { installationStatus, type Program, type Workload } from '../../../src/controller/installation/status.js';
import type { ContainerStatus, LauncherPod } from '../client/launcher-pod.js';
import { hidden, ok, problem, told, warning, type Check } from './check.js';
import type { Reader } from './reader.js';

type Pod = LauncherPod;

const PROGRAMS = [
  { name: 'virt-webhook', kind: 'Deployment', plural: 'deployments' },
  { name: 'virt-controller', kind: 'Deployment', plural: 'deployments' },
  { name: 'virt-agent', kind: 'DaemonSet', plural: 'daemonsets' },
] as const;

/** What a container waits for, or died of, where it does not run. */
const troubleOf = ({ name, state }: ContainerStatus): string | undefined => {
  const { waiting, terminated } = state ?? {};
  const reason = waiting?.reason ?? terminated?.reason;
  if (reason === undefined || reason === 'PodInitializing' || reason === 'ContainerCreating' || reason === 'Completed')
    return undefined;
  const message = waiting?.message ?? terminated?.message;
  return `container ${name ?? ''}: ${reason}${message === undefined ? '' : `: ${message}`}`;
};

/** Why a pod of ours does not run, in the words of scheduler and kubelet. */
export const podTrouble = ({ status }: Pod): string | undefined => {
  const scheduled = findCondition(status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') return `it is not scheduled: ${scheduled.message ?? scheduled.reason ?? ''}`;
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const trouble = troubleOf(container);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
};

const podsPath = (name: string): string =>
  `/api/v1/namespaces/${INSTALL_NAMESPACE}/pods?labelSelector=${encodeURIComponent(`${Label.app}=${name}`)}`;

const REMEDY: Readonly<Record<(typeof PROGRAMS)[number]['name'], string>> = {
  'virt-webhook': 'Until it runs nothing can be created or changed, and nothing started by hand.',
  'virt-controller': 'Until it runs no VM gets a pod, and no status changes.',
  'virt-agent': 'On a node without it no VM starts; guests that run go on.',
};

const programCheck = async (reader: Reader, program: Program): Promise<Check> => {
  const about = program.name;
  const { conditions = [] } = installationStatus({}, [program], { version: '', generation: 0, now: '' });
  const wrong = ['Available', 'Degraded', 'Progressing']
    .map((type) => findCondition(conditions, type))
    .find((condition) => condition?.reason !== 'AllComponentsReady');
  if (wrong === undefined) return ok(about, `${program.kind} ${program.name} is ready`);
  const pods = await reader.list<Pod>(podsPath(about));
  const [trouble] = pods.is === 'there' ? pods.content.flatMap((pod) => podTrouble(pod) ?? []) : [];
  const message = `${(wrong.message ?? '').replace(/\.$/, '')}${trouble === undefined ? '' : `: ${trouble}`}`;
  const look = `See: kubectl -n ${INSTALL_NAMESPACE} describe pods -l ${Label.app}=${about}`;
  return wrong.type === 'Available'
    ? problem(about, message, `${REMEDY[about as keyof typeof REMEDY]} ${look}`)
    : warning(about, message, look);
};

/** Webhook, controller and agents: how many of their pods are ready, and why not. */
export const checkPrograms = async (reader: Reader): Promise<Check[]> => {
  const checks: Check[] = [];
  for (const { name, kind, plural } of PROGRAMS) {
    const read = await reader.get<Workload>(`/apis/apps/v1/namespaces/${INSTALL_NAMESPACE}/${plural}/${name}`);
    if (read.is === 'hidden') checks.push(hidden(name, `get ${plural} in ${INSTALL_NAMESPACE}`));
    else if (read.is === 'failed') checks.push(problem(name, read.message));
    else
      checks.push(await programCheck(reader, { name, kind, workload: read.is === 'there' ? read.content : undefined }));
  }
  return checks;
};

export const settingsOf = async (reader: Reader) => reader.list<KubeVirt>(`/apis/${GROUP}/${STORED_VERSION}/kubevirts`);

/** The one object with the cluster's settings, and what virt-controller wrote into it. */
export const checkSettings = async (reader: Reader): Promise<Check> => {
  const about = 'settings';
  const read = await settingsOf(reader);
  if (read.is === 'hidden') return hidden(about, 'list kubevirts');
  if (read.is === 'missing')
    return problem(about, 'the API server does not know KubeVirt objects', 'See what to apply: kubectl virt preflight');
  if (read.is === 'failed') return problem(about, `the KubeVirt objects cannot be listed: ${read.message}`);
  const [first, ...others] = read.content;
  if (first === undefined) return ok(about, 'there is no KubeVirt object: every setting has its default');
  if (others.length > 0)
    return problem(
      about,
      `there are ${others.length + 1} KubeVirt objects`,
      'Keep one: the programs take the settings of one alone.',
    );
  const available = findCondition(first.status?.conditions, 'Available');
  if (available?.status === 'False')
    return warning(
      about,
      available.message ?? '',
      told('condition', 'Available/ComponentsNotReady')?.remedy ?? 'See above.',
    );
  return ok(
    about,
    `KubeVirt object ${first.metadata?.namespace ?? ''}/${first.metadata?.name ?? ''}, phase ${first.status?.phase ?? 'unset'}`,
  );
};
