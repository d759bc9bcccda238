import { DeviceResource, GROUP, INSTALL_NAMESPACE, Label, STORED_VERSION } from '../../../src/api/names.js';
import { VIRT_NODES } from '../../../src/api/virt-node/virt-node-names.js';
import { age } from '../age.js';
import { hidden, ok, problem, told, warning, type Check } from './check.js';
import { settingsOf } from './programs.js';
import { becauseOf, type Reader } from './reader.js';

interface Node {
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
    readonly allocatable?: Readonly<Record<string, string>>;
  };
}

interface Report {
  readonly metadata?: { readonly name?: string };
  readonly spec?: { readonly heartbeat?: string; readonly kvmUsable?: boolean };
}

/** Named one by one; of more the number. */
const NAMED = 5;

const names = (nodes: readonly Node[]): string => {
  const all = nodes.map(({ metadata }) => metadata?.name ?? '');
  const more = all.length - NAMED;
  return `${all.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const isReady = ({ status }: Node): boolean =>
  (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
const has =
  (label: string) =>
  (node: Node): boolean =>
    node.metadata?.labels?.[label] === 'true';

/** When the agent of a node said something for the last time, as far as one may see that. */
const silence = async (reader: Reader, node: Node, now: number): Promise<string> => {
  const reports = await reader.list<Report>(`/apis/${GROUP}/${STORED_VERSION}/${VIRT_NODES}`);
  if (reports.is !== 'there') return '';
  const report = reports.content.find(({ metadata }) => metadata?.name === node.metadata?.name);
  const since = age(report?.spec?.heartbeat, now);
  return since === undefined ? ', its virt-agent has never reported' : `, its virt-agent reported last ${since} ago`;
};

const agentsCheck = async (reader: Reader, nodes: readonly Node[], now: number): Promise<Check> => {
  const about = 'nodes';
  const taking = nodes.filter(has(Label.schedulable));
  const silent = nodes.filter((node) => isReady(node) && !has(Label.schedulable)(node));
  const [first] = silent;
  const remedy = `See the agent of the node: kubectl -n ${INSTALL_NAMESPACE} get pods -l ${Label.app}=virt-agent -o wide; then its log.`;
  if (first === undefined)
    return taking.length > 0
      ? ok(about, `${taking.length} of ${nodes.length} nodes take virtual machines`)
      : problem(
          about,
          nodes.length === 0 ? 'there is no node' : `none of ${nodes.length} nodes is ready`,
          'kubectl describe nodes',
        );
  const message = `${names(silent)} ${silent.length === 1 ? 'takes' : 'take'} no virtual machines${await silence(reader, first, now)}`;
  return taking.length === 0 ? problem(about, message, remedy) : warning(about, message, remedy);
};

/** Whether guests may be emulated where KVM does not work. Undefined: one may not see the settings. */
const isEmulationAllowed = async (reader: Reader): Promise<boolean | undefined> => {
  const settings = await settingsOf(reader);
  if (settings.is !== 'there') return undefined;
  return settings.content[0]?.spec.configuration?.developerConfiguration?.useEmulation === true;
};

export const NO_KVM =
  'Use nodes with a /dev/kvm that works (the init container kvm-self-test of their virt-agent says what is wrong), or let guests be emulated, slowly: useEmulation: true in the KubeVirt object.';

const kvmCheck = async (reader: Reader, nodes: readonly Node[]): Promise<Check> => {
  const about = 'KVM';
  const usable = nodes.filter(has(Label.kvmUsable));
  if (usable.length > 0)
    return usable.length === nodes.length
      ? ok(about, 'KVM works on every node')
      : ok(about, `KVM works on ${usable.length} of ${nodes.length} nodes`);
  const emulated = await isEmulationAllowed(reader);
  if (emulated === true)
    return warning(
      about,
      'KVM works on no node: guests are emulated and slow',
      told('condition', 'SoftwareEmulation/KVMUnavailable')?.remedy ?? NO_KVM,
    );
  return problem(
    about,
    emulated === undefined
      ? 'KVM works on no node'
      : 'KVM works on no node, and useEmulation is off: no guest can start',
    NO_KVM,
  );
};

export const checkNodes = async (reader: Reader, now: number): Promise<Check[]> => {
  const read = await reader.list<Node>('/api/v1/nodes');
  if (read.is === 'hidden') return [hidden('nodes', 'list nodes')];
  if (read.is !== 'there') return [problem('nodes', `the nodes cannot be listed${becauseOf(read)}`)];
  return [await agentsCheck(reader, read.content, now), await kvmCheck(reader, read.content)];
};

/** Of one node: why no guest starts there. Undefined: nothing is wrong that one may see. */
export const nodeProblem = async (reader: Reader, name: string, now: number): Promise<Check | undefined> => {
  const about = `node ${name}`;
  const read = await reader.get<Node>(`/api/v1/nodes/${encodeURIComponent(name)}`);
  if (read.is === 'missing')
    return problem(about, 'the node is gone', 'The VM starts elsewhere if its run strategy wants it.');
  if (read.is === 'failed') return problem(about, `the node cannot be read${becauseOf(read)}`);
  if (read.is === 'hidden') return undefined;
  if (!isReady(read.content))
    return problem(about, 'the node is not ready: its kubelet does not report', `kubectl describe node ${name}`);
  return has(Label.schedulable)(read.content) ? undefined : agentsCheck(reader, [read.content], now);
};

/** Whether what a pod lacks is a KVM that no node has. */
export const lacksKvm = (message: string): boolean => message.includes(`Insufficient ${DeviceResource.kvm}`);
