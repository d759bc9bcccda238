import { indexPath } from '../../../src/api/cause.js';
import { Label } from '../../../src/api/names.js';
import type {
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../../../src/api/schema/kinds.js';
import type { Interface } from '../../../src/api/schema/networks.js';
import { isForwarded, listedPorts, USUAL_PORTS } from '../../../src/api/vmi/forwarded-ports.js';
import { vmiId } from '../../../src/api/vmi/instance-label.js';
import { isAutomatic, podInterfaces } from '../../../src/api/vmi/pod-interfaces.js';
import { usesTap } from '../../../src/api/vmi/guest-network.js';
import type { Admitted, AdmittedSet } from './admission.js';
import { nameOf, type Finding } from './findings.js';
import type { Manifest } from './manifests.js';
import { isRecord } from '../../../src/api/record.js';

/*
 * A Service leads to ports of a VM's pod; which of them lead on to the guest, the VM's interfaces say. Whoever has both
 * in the files of one command is told where they do not fit: in a cluster the Service would find a closed port.
 */

type Json = Readonly<Record<string, unknown>>;
const member = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined);

const namespaceOf = (object: Json): unknown => member(object['metadata'], 'namespace');

/** What is not said in one of the two is left to the command that applies them. */
const mayMeet = (one: Json, other: Json): boolean => {
  const [left, right] = [namespaceOf(one), namespaceOf(other)];
  return left === undefined || right === undefined || left === right;
};

/** A template, or a VMI: what its pod is labelled with, and its cards. */
interface Guest {
  readonly kind: string;
  readonly name: string;
  readonly object: Json;
  readonly labels: Json;
  /** Those on the pod's network. */
  readonly interfaces: readonly Interface[];
  /** Whether it writes none, and gets one. */
  readonly automatic: boolean;
}

/** Of an object that admission accepts; undefined for one that has no guest. */
const guestOf = ({ kind, object, manifest }: Admitted): Guest | undefined => {
  if (kind === 'KubeVirt') return undefined;
  const { metadata, spec } =
    kind === 'VirtualMachineInstance'
      ? (object as VirtualMachineInstance)
      : (object as VirtualMachine | VirtualMachineInstanceReplicaSet).spec.template;
  if (spec === undefined) return undefined;
  const name = nameOf(manifest.object);
  // A replica has a name of its own.
  const named =
    kind === 'VirtualMachineInstanceReplicaSet'
      ? {}
      : { [Label.hostName]: spec.hostname || name, [Label.vmiId]: vmiId(name) };
  const labels = { ...metadata?.labels, [Label.app]: 'virt-launcher', ...named };
  return { kind, name, object: manifest.object, labels, interfaces: podInterfaces(spec), automatic: isAutomatic(spec) };
};

interface ServicePort {
  readonly field: string;
  readonly protocol: string;
  /** A number, or the name of a port of the pod. */
  readonly target: number | string;
}

const portsOf = ({ object }: Manifest): readonly ServicePort[] => {
  const ports = member(object['spec'], 'ports');
  return (Array.isArray(ports) ? (ports as readonly unknown[]) : []).flatMap((entry, index) => {
    const [port, target, protocol] = ['port', 'targetPort', 'protocol'].map((key) => member(entry, key));
    const written = target === undefined || target === null || target === '' || target === 0 ? port : target;
    if (typeof written !== 'number' && typeof written !== 'string') return [];
    const field = `${indexPath('spec.ports', index)}.${written === port ? 'port' : 'targetPort'}`;
    return [{ field, protocol: typeof protocol === 'string' ? protocol : 'TCP', target: written }];
  });
};

const selects = (selector: Json, { labels }: Guest): boolean =>
  Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);

const usual = USUAL_PORTS.map(({ start, end }) => `${start}-${end}`).join(' and ');

const portToWrite = (port: number | string, protocol: string): string =>
  `{port: ${port}${protocol === 'TCP' ? '' : `, protocol: ${protocol}`}}`;

/** What a VM that writes no interfaces has to write. */
const inFull = (ports = ''): string =>
  `it has no interfaces: write interfaces: [{name: default, masquerade: {}${ports}}] ` +
  'and networks: [{name: default, pod: {}}]';

/** Why a port of a Service leads to no guest; undefined where it does. */
const problemOf = ({ protocol, target }: ServicePort, guest: Guest): string | undefined => {
  const { kind, name, interfaces, automatic } = guest;
  const whose = `${kind} ${JSON.stringify(name.slice(0, 63))}`;
  if (interfaces.length === 0) return `leads to ${whose}, which has no interface on the pod network: add one`;
  if (protocol === 'SCTP' && !interfaces.some(usesTap))
    return `is SCTP, which is not forwarded to ${whose}: use masquerade or bridge, or TCP or UDP`;
  const listed = interfaces.flatMap((one) => (listedPorts(one).length > 0 ? [one] : []));
  if (typeof target === 'string') {
    const has = interfaces.some(({ ports = [] }) =>
      ports.some((port) => port.name === target && (port.protocol || 'TCP') === protocol),
    );
    const entry = `{name: ${target.slice(0, 15)}, port: NUMBER${protocol === 'TCP' ? '' : `, protocol: ${protocol}`}}`;
    if (!has && automatic)
      return `leads to ${JSON.stringify(target.slice(0, 15))} of ${whose}; ${inFull(`, ports: [${entry}]`)}`;
    return has
      ? undefined
      : `${JSON.stringify(target.slice(0, 63))} is the name of no ${protocol} port of ${whose}: add ${entry} to \`ports\` of its interface`;
  }
  if (interfaces.some((one) => isForwarded(one, protocol, target))) return undefined;
  const entry = portToWrite(target, protocol);
  if (automatic) return `${protocol} ${target} is not forwarded to ${whose} (${usual} are); ${inFull()}`;
  return listed.length === 0
    ? `${protocol} ${target} is not forwarded to ${whose}, whose interface lists no ports (${usual} are then): write masquerade: {} for all ports, or ports: [${entry}] with all others it needs`
    : `${protocol} ${target} is not among the ports of the interface of ${whose}, and only those are forwarded: add ${entry}`;
};

/** The labels that a Service looks for; undefined for anything else. */
const selectorOf = ({ object }: Manifest): Json | undefined => {
  if (object['apiVersion'] !== 'v1' || object['kind'] !== 'Service') return undefined;
  const selector = member(object['spec'], 'selector');
  return isRecord(selector) && Object.keys(selector).length > 0 ? selector : undefined;
};

/** Of VMs that admission refuses nothing is said: that comes first. */
const guestsOf = (admitted: readonly Admitted[]): readonly Guest[] =>
  admitted
    .filter(({ findings }) => !findings.some(({ severity }) => severity === 'error'))
    .flatMap((each) => guestOf(each) ?? []);

/** Whether it is a Service whose ports are compared with those of VMs. */
export const isLookedAt = (other: Manifest, admitted: readonly Admitted[]): boolean =>
  selectorOf(other) !== undefined && guestsOf(admitted).length > 0;

/** As many as anybody reads: the rest shows when these are put right. */
const MOST = 1000;

/** What is said of the Services among the files. */
export const serviceFindings = ({ admitted, others }: AdmittedSet): Finding[] => {
  const guests = guestsOf(admitted);
  const findings: Finding[] = [];
  for (const service of others) {
    const selector = selectorOf(service);
    if (selector === undefined) continue;
    const selected = guests.filter((guest) => mayMeet(service.object, guest.object) && selects(selector, guest));
    for (const guest of selected) {
      for (const port of portsOf(service)) {
        if (findings.length >= MOST) return findings;
        const message = problemOf(port, guest);
        if (message === undefined) continue;
        const { file, object, positionOf } = service;
        findings.push({
          ...{ file, kind: 'Service', name: nameOf(object), ...positionOf(port.field), severity: 'warning' },
          ...{ rule: 'service.port', message, field: port.field },
        });
      }
    }
  }
  return findings;
};
