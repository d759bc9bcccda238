import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { isForwarded, listedPorts } from '../../../src/api/vmi/forwarded-ports.js';
import { podInterfaces } from '../../../src/api/vmi/pod-interfaces.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { isDnsLabel } from '../../../src/validators/rule/names.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { print, warn, type Io } from '../io.js';
import { parseDryRun } from '../lifecycle/body.js';
import { printAs } from '../output.js';
import { exposedObject, exposedTarget } from './exposed.js';

export interface ExposeFlags extends GlobalFlags {
  target: string;
  vm?: string;
  name?: string;
  port?: number;
  'port-name'?: string;
  'target-port'?: string;
  protocol: 'TCP' | 'UDP';
  type: string;
  'cluster-ip'?: string;
  'external-ip'?: string[];
  'ip-family'?: string;
  'ip-family-policy'?: string;
  'dry-run': string;
  output?: string;
}

interface Port {
  readonly name?: string;
  readonly protocol: string;
  readonly port: number;
  readonly targetPort?: number | string;
}

const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65535;

const badPort = (flag: string, value: string | number): UsageError =>
  new UsageError(`invalid --${flag} "${visibleLine(String(value))}"`, {
    remedy: 'A port is a number from 1 to 65535.',
  });

/** Of a pod's port: Kubernetes' IANA_SVC_NAME. */
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

const targetOf = (text: string | undefined): number | string | undefined => {
  if (text === undefined) return undefined;
  if (/^-?\d+$/.test(text)) {
    if (!isPort(Number(text))) throw badPort('target-port', text);
    return Number(text);
  }
  if (!PORT_NAME.test(text)) throw badPort('target-port', text);
  return text;
};

const families = (text: string | undefined): string[] | undefined => {
  if (text === undefined) return undefined;
  const list = text.split(',');
  if (list.length > 2 || new Set(list).size < list.length || list.some((each) => each !== 'IPv4' && each !== 'IPv6'))
    throw new UsageError(`invalid --ip-family "${visibleLine(text)}"`, {
      remedy: 'Use IPv4, IPv6, "IPv4,IPv6" or "IPv6,IPv4".',
    });
  return list;
};

const check = (flags: ExposeFlags): string => {
  const { name, port, output } = flags;
  if (name === undefined || !isDnsLabel(name))
    throw new UsageError(
      name === undefined ? 'the Service has no name' : `"${visibleLine(name)}" is not a valid name`,
      {
        remedy: 'Give one with --name: lower-case letters, digits and "-", at most 63.',
      },
    );
  if (port !== undefined && !isPort(port)) throw badPort('port', port);
  for (const flag of ['port-name', 'target-port'] as const)
    if (port === undefined && flags[flag] !== undefined)
      throw new UsageError(`--${flag} stands without --port`, { remedy: 'Give both.' });
  if (output !== undefined && !['json', 'yaml', 'name'].includes(output))
    throw new UsageError(`unsupported output format "${visibleLine(output)}"`, {
      remedy: 'Use -o json, -o yaml or -o name.',
    });
  return name;
};

type Spec = VirtualMachineInstance['spec'];

/** The port that was given, or those that the interfaces on the pod's network list. */
const portsOf = (flags: ExposeFlags, spec: Spec | undefined): readonly Port[] => {
  const { port, protocol, 'port-name': name } = flags;
  if (port !== undefined) {
    const targetPort = targetOf(flags['target-port']);
    return [
      { ...(name === undefined ? {} : { name }), protocol, port, ...(targetPort === undefined ? {} : { targetPort }) },
    ];
  }
  const listed = (spec === undefined ? [] : podInterfaces(spec))
    .flatMap(listedPorts)
    .filter(({ start, end }) => start === end);
  if (listed.length === 0)
    throw new UsageError("couldn't find port via --port flag or introspection", {
      remedy: 'Say with --port which one; its interface lists none.',
    });
  return listed.map((range, index) => ({ name: `port-${index + 1}`, protocol: range.protocol, port: range.start }));
};

/** What would find a closed port in the pod. */
const warnOfClosed = (io: Io, ports: readonly Port[], spec: Spec | undefined): void => {
  const interfaces = spec === undefined ? [] : podInterfaces(spec);
  if (spec !== undefined && interfaces.length === 0)
    warn(io, 'the VM has no interface on the network of its pod: the Service leads nowhere');
  for (const { port, targetPort = port, protocol } of ports) {
    if (typeof targetPort !== 'number' || interfaces.length === 0) continue;
    if (!interfaces.some((one) => isForwarded(one, protocol, targetPort)))
      warn(io, `port ${targetPort} (${protocol}) is not forwarded to the guest: list it in ports of its interface`);
  }
};

const refusal = (error: ApiStatusError, namespace: string): CliError =>
  new CliError(`service creation failed: ${error.message}`, {
    remedy:
      error.remedy ??
      (error.code === 403
        ? `You need the verb create on services in ${namespace}.`
        : error.code === 409
          ? 'Choose another --name, or delete that Service.'
          : undefined),
    cause: error,
  });

/** `expose`: a Service that leads to one VM, or to the replicas of a set, and goes with it. */
export const expose = async (io: Io, flags: ExposeFlags): Promise<number> => {
  const name = check(flags);
  const ipFamilies = families(flags['ip-family']);
  const dryRun = parseDryRun(flags['dry-run']);
  targetOf(flags['target-port']);
  const { word, target } = exposedTarget(flags.target, flags.vm);
  const client = await connectTo(io, flags, target.namespace);
  const { namespace } = client;
  const { word: kindWord, spec, selector, owner } = await exposedObject(client, word, target.name);
  const ports = portsOf(flags, spec);
  warnOfClosed(io, ports, spec);
  const { 'cluster-ip': clusterIP, 'external-ip': externalIPs } = flags;
  const ipFamilyPolicy = flags['ip-family-policy'] ?? ((ipFamilies?.length ?? 0) > 1 ? 'PreferDualStack' : undefined);
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, ownerReferences: [owner] },
    spec: {
      type: flags.type,
      selector,
      ports,
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ...(externalIPs === undefined ? {} : { externalIPs: externalIPs.flatMap((each) => each.split(',')) }),
      ...(ipFamilies === undefined ? {} : { ipFamilies }),
      ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
    },
  };
  let made: object = service;
  if (dryRun !== 'client') {
    const path = `/api/v1/namespaces/${namespace}/services${dryRun === 'server' ? '?dryRun=All' : ''}`;
    try {
      made = await client.request<object>({ method: 'POST', path, body: service });
    } catch (error) {
      throw error instanceof ApiStatusError ? refusal(error, namespace) : error;
    }
  }
  if (flags.output === 'name') print(io, `service/${name}`);
  else if (flags.output !== undefined) await printAs(io, flags.output, made);
  else {
    if (dryRun !== 'none') print(io, 'Dry Run execution');
    print(io, `Service ${name} successfully created for ${kindWord} ${target.name}`);
  }
  return ExitCode.ok;
};
