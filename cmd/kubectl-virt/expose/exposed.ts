import { GROUP, Label, STORED_VERSION } from '../../../src/api/names.js';
import type {
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../../../src/api/schema/kinds.js';
import { vmiId } from '../../../src/api/vmi/instance-label.js';
import type { ApiClient } from '../client/client.js';
import { missingNamespace } from '../client/namespace.js';
import { ApiStatusError } from '../client/status.js';
import { CliError, UsageError } from '../errors.js';
import { parseTarget, type Target } from '../target.js';

type InstanceSpec = VirtualMachineInstance['spec'];
type Owner = VirtualMachine | VirtualMachineInstance | VirtualMachineInstanceReplicaSet;

interface ExposedKind {
  readonly kind: string;
  readonly plural: string;
  /** What virtctl calls it in its line of success. */
  readonly word: string;
  readonly specOf: (object: Owner) => InstanceSpec | undefined;
  /** What of a launcher pod's labels only the programs of this product write, where there is such a label. */
  readonly selectorOf: (object: Owner, name: string) => Readonly<Record<string, string>>;
}

/** virt-controller writes it over whatever a template says, so no other VM's pod can take it on. */
const ownLabel = (_object: Owner, name: string): Readonly<Record<string, string>> => ({ [Label.vmiId]: vmiId(name) });

const KINDS = {
  vm: {
    kind: 'VirtualMachine',
    plural: 'virtualmachines',
    word: 'virtualmachine',
    specOf: (object) => (object as VirtualMachine).spec.template.spec,
    selectorOf: ownLabel,
  },
  vmi: {
    kind: 'VirtualMachineInstance',
    plural: 'virtualmachineinstances',
    word: 'virtualmachineinstance',
    specOf: (object) => (object as VirtualMachineInstance).spec,
    selectorOf: ownLabel,
  },
  vmirs: {
    kind: 'VirtualMachineInstanceReplicaSet',
    plural: 'virtualmachineinstancereplicasets',
    word: 'virtualmachineinstancereplicaset',
    specOf: (object) => (object as VirtualMachineInstanceReplicaSet).spec.template.spec,
    selectorOf: (object, name) => {
      const { matchLabels = {}, matchExpressions = [] } = (object as VirtualMachineInstanceReplicaSet).spec.selector;
      if (Object.keys(matchLabels).length > 0 && matchExpressions.length === 0) return matchLabels;
      throw new CliError(
        `the replica set ${name} chooses its instances by ${matchExpressions.length > 0 ? 'expressions' : 'no labels'}, which a Service cannot`,
        { remedy: 'Give its selector matchLabels alone, or write the Service by hand.' },
      );
    },
  },
} as const satisfies Record<string, ExposedKind>;
type Word = keyof typeof KINDS;

const REPLICA_SET = /^(vmirss?|virtualmachineinstancereplicasets?)$/i;
const IS_KIND = /^(vms?|vmis?|virtualmachines?|virtualmachineinstances?)$/i;

/** `vm web`, `vm/web`, `web`: the type as a word of its own, or as part of the name. */
export const exposedTarget = (first: string, second: string | undefined): { word: Word; target: Target } => {
  const [type = '', ...rest] = (second === undefined ? first : `${first}/${second}`).split('/');
  // parseTarget knows the two that other commands act on.
  if (REPLICA_SET.test(type) && rest.length > 0)
    return { word: 'vmirs', target: { ...parseTarget(['vm', ...rest].join('/')), kind: undefined } };
  const bare = second === undefined && rest.length === 0;
  if (bare && (IS_KIND.test(type) || REPLICA_SET.test(type)))
    throw new UsageError(`expose: the name behind ${type} is missing`, {
      remedy: `Write ${type} NAME, or ${type}/NAME.`,
    });
  if (!bare && !IS_KIND.test(type))
    throw new UsageError(`unsupported resource type: ${type}`, { remedy: 'Use vm, vmi or vmirs.' });
  const target = parseTarget([type, ...rest].join('/'));
  return { word: target.kind ?? 'vm', target };
};

/** The object that a Service is for. */
export interface Exposed {
  readonly word: string;
  readonly spec: InstanceSpec | undefined;
  readonly selector: Readonly<Record<string, string>>;
  readonly owner: Readonly<Record<string, unknown>>;
}

export const exposedObject = async (client: ApiClient, which: Word, name: string): Promise<Exposed> => {
  const { kind, plural, word, specOf, selectorOf }: ExposedKind = KINDS[which];
  const path = `/apis/${GROUP}/${STORED_VERSION}/namespaces/${client.namespace}/${plural}`;
  let object: Owner;
  try {
    object = await client.get<Owner>(`${path}/${name}`);
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 404 || error.remedy !== undefined) throw error;
    const remedy = `See what there is: kubectl get ${plural} -n ${client.namespace}`;
    throw (await missingNamespace(client, error)) ?? new CliError(error.message, { remedy, cause: error });
  }
  const { uid } = object.metadata ?? {};
  const apiVersion = `${GROUP}/${STORED_VERSION}`;
  const owner = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: false };
  return { word, spec: specOf(object), selector: selectorOf(object, name), owner };
};
