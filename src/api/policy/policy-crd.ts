import { structuralSchema, type Column, type Describe } from '../crd.js';
import { POLICY_GROUP, POLICY_VERSION } from '../names.js';
import {
  VirtualMachineClusterPolicy,
  VirtualMachinePolicy,
  VirtualMachinePolicyException,
} from '../schema/policies.js';
import type { SchemaNode } from '../schema-check/schema-node.js';
import { POLICY_RESOURCES, policyCrdName, type PolicyResourceKind } from './policy-kinds.js';

/*
 * The CustomResourceDefinitions of policies and exceptions. What is unknown below `spec` is kept until the webhook has
 * seen it: the API server would drop a misspelt field without a word, and the policy would say less than its author
 * thinks. kubectl before 1.27 explains nothing below such a field, so the description of `spec` names what is in it.
 */

type Json = Record<string, unknown>;

const KINDS: Readonly<Record<PolicyResourceKind, { readonly schema: SchemaNode; readonly description: string }>> = {
  VirtualMachineClusterPolicy: {
    schema: VirtualMachineClusterPolicy as unknown as SchemaNode,
    description:
      'Rules of the platform for the virtual machines of all namespaces. They are expressions of CEL, checked when the policy is written, and refuse, warn or audit by its action.',
  },
  VirtualMachinePolicy: {
    schema: VirtualMachinePolicy as unknown as SchemaNode,
    description:
      "Rules of a namespace's owners for its own virtual machines, beside those of the cluster, which they can only tighten.",
  },
  VirtualMachinePolicyException: {
    schema: VirtualMachinePolicyException as unknown as SchemaNode,
    description:
      'Lets some virtual machines of its namespace off validations of policies, until a time. Who writes it needs the verb except on each policy.',
  },
};

const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const ready: Column = {
  name: 'Ready',
  type: 'string',
  jsonPath: ".status.conditions[?(@.type=='Ready')].status",
};
const text = (name: string, jsonPath: string, priority?: 1): Column => ({
  name,
  type: 'string',
  jsonPath,
  ...(priority === undefined ? {} : { priority }),
});

const POLICY_COLUMNS: readonly Column[] = [
  text('Action', '.status.action'),
  ready,
  age,
  text('Severity', '.spec.severity', 1),
  text('Category', '.spec.category', 1),
  text('Rollout', '.spec.rollout[*].from', 1),
  text('Paused-Until', '.metadata.annotations.policies\\.kubectl-virt\\.io/paused-until', 1),
];

const COLUMNS: Readonly<Record<PolicyResourceKind, readonly Column[]>> = {
  VirtualMachineClusterPolicy: POLICY_COLUMNS,
  VirtualMachinePolicy: POLICY_COLUMNS,
  VirtualMachinePolicyException: [
    text('State', '.status.state'),
    text('Expires', '.spec.expiresAt'),
    text('Owner', '.spec.owner'),
    age,
    text('Policies', '.spec.policies[*].name', 1),
    text('Ticket', '.spec.ticket', 1),
    text('Reason', '.spec.reason', 1),
  ],
};

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every object keeps what it does not know. What is free already, or a map, does so by itself. */
const open = (node: Json): Json => {
  const { properties, items } = node;
  return {
    ...node,
    ...(isJson(items) ? { items: open(items) } : {}),
    ...(isJson(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, child]) => [name, isJson(child) ? open(child) : child]),
          ),
          'x-kubernetes-preserve-unknown-fields': true,
        }
      : {}),
  };
};

const schemaOf = (kind: PolicyResourceKind, describe: Describe): Json => {
  const { schema, description } = KINDS[kind];
  const whole = structuralSchema(schema, description, describe, new Map());
  const { spec, ...others } = whole['properties'] as Readonly<Record<string, Json>>;
  return { ...whole, properties: { ...others, spec: open(spec ?? {}) } };
};

/** The CustomResourceDefinition of a kind, ready to be written as YAML. */
export const policyDefinition = (kind: PolicyResourceKind, describe: Describe): Json => {
  const { plural, isNamespaced, shortName } = POLICY_RESOURCES[kind];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: policyCrdName(kind), labels: { 'kubevirt.io': '' } },
    spec: {
      group: POLICY_GROUP,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: [shortName],
        categories: ['vmpolicies'],
      },
      scope: isNamespaced ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: [
        {
          name: POLICY_VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: COLUMNS[kind],
          schema: { openAPIV3Schema: schemaOf(kind, describe) },
          subresources: { status: {} },
        },
      ],
    },
  };
};
