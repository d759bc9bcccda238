import type { Resource } from './status-error.js';
import type { EvacuationEntry, ForwardEntry, QuestionEntry, WebhookEntry } from './subresource.js';
import { VMI_SUBRESOURCES } from './vmi-subresources.js';

/*
 * The subresources that are served (docs/reference/control.md §2.3): discovery, routing, authorization, options, the
 * agent's actions, the roles in manifests/rbac/user-roles.yaml and docs/errors.md come from these tables.
 */

/** Every change of a VM's state is a PUT, for who may edit VMs. */
const CHANGE = { served: 'webhook', method: 'PUT', verb: 'update', role: 'edit' } as const;

export const VM_SUBRESOURCES = {
  start: { ...CHANGE, summary: 'starts the VM', options: { paused: 'boolean', dryRun: 'dryRun' } },
  stop: { ...CHANGE, summary: 'stops the VM', options: { gracePeriod: 'integer', dryRun: 'dryRun' } },
  restart: {
    ...CHANGE,
    summary: 'stops the VM and starts it in a new pod',
    options: { gracePeriodSeconds: 'integer', dryRun: 'dryRun' },
  },
} as const satisfies Readonly<Record<string, WebhookEntry>>;

/** What is asked of a VM. */
const VM_QUESTIONS = {
  'expand-spec': {
    served: 'question',
    method: 'GET',
    verb: 'get',
    role: 'view',
    summary: 'the VM as its instance type and preference make it',
    options: {},
  },
} as const satisfies Readonly<Record<string, QuestionEntry>>;

/** What leads to the instance of the VM. */
const VM_FORWARDS = {
  portforward: {
    served: 'forward',
    method: 'GET',
    verb: 'get',
    role: 'edit',
    summary: 'a connection to a port of its guest, `portforward/PORT[/tcp|udp]`',
    options: {},
    check: VMI_SUBRESOURCES.portforward.check,
  },
} as const satisfies Readonly<Record<string, ForwardEntry>>;

const CANCEL = {
  served: 'evacuation',
  method: 'PUT',
  verb: 'update',
  role: 'edit',
  options: { dryRun: 'dryRun', evacuationNodeName: 'text' },
} as const;

/** Of a VM and of its instance alike. */
export const EVACUATION_SUBRESOURCES = {
  evacuatecancel: {
    ...CANCEL,
    summary: 'takes back what an eviction that was refused has asked for: `status.evacuationNodeName`',
  },
  'evacuate/cancel': { ...CANCEL, summary: 'the same under KubeVirt’s name' },
} as const satisfies Readonly<Record<string, EvacuationEntry>>;

/** Of a namespace: a VM in the body of a PUT, expanded in the answer. Nothing is stored. */
export const EXPAND_RESOURCE = 'expand-vm-spec';

export type VmSubresource = keyof typeof VM_SUBRESOURCES;

type Named<In extends Resource, Table> = {
  [Word in keyof Table]: Table[Word] & { readonly resource: In; readonly subresource: Word };
}[keyof Table];

/** One of them, with its names. */
export type Subresource =
  | Named<'virtualmachines', typeof VM_SUBRESOURCES>
  | Named<'virtualmachines', typeof VM_QUESTIONS>
  | Named<'virtualmachines', typeof VM_FORWARDS>
  | Named<Resource, typeof EVACUATION_SUBRESOURCES>
  | Named<'virtualmachineinstances', typeof VMI_SUBRESOURCES>;

const named = (resource: Resource, table: object): Subresource[] =>
  Object.entries(table).map(([subresource, entry]) => ({ ...entry, resource, subresource }) as Subresource);

export const SUBRESOURCES: readonly Subresource[] = [
  ...named('virtualmachines', VM_SUBRESOURCES),
  ...named('virtualmachines', VM_QUESTIONS),
  ...named('virtualmachines', VM_FORWARDS),
  ...named('virtualmachines', EVACUATION_SUBRESOURCES),
  ...named('virtualmachineinstances', VMI_SUBRESOURCES),
  ...named('virtualmachineinstances', EVACUATION_SUBRESOURCES),
];
