import {
  IGNORED_NOTE,
  KUBEVIRT_SPEC_IGNORED,
  NOT_ACTED_ON,
  NOT_ACTED_ON_NOTE,
  VM_STATUS_NOT_ACTED_ON,
  type NotActedOn,
} from './settings/acted-on.js';
import type { CheckedKind } from './schema-check/check-schema.js';
import { DEPRECATED_VERSIONS, GROUP, STORED_VERSION } from './names.js';
import { isObjectMeta, type SchemaNode } from './schema-check/schema-node.js';
import { isRecord } from './record.js';

/*
 * CustomResourceDefinitions from the API's schemas: structural OpenAPI schemas that Kubernetes 1.20 and later
 * accept. No CEL rules, because 1.20 has none; what they would say, the webhook says. Source:
 * docs/reference/admission.md §3.2, docs/reference/control.md §5.5.
 */

type Json = Record<string, unknown>;

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'date' | 'integer' | 'boolean';
  readonly jsonPath: string;
  /** 1: only with `-o wide`. */
  readonly priority?: 1;
}

interface CrdKind {
  readonly kind: CheckedKind;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly columns: readonly Column[];
  readonly subresources?: Json;
}

const condition = (type: string): string => `.status.conditions[?(@.type=='${type}')].status`;
const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

export const CRD_KINDS: readonly CrdKind[] = [
  {
    kind: 'VirtualMachine',
    plural: 'virtualmachines',
    shortNames: ['vm', 'vms'],
    columns: [
      age,
      { name: 'Status', type: 'string', jsonPath: '.status.printableStatus' },
      { name: 'Ready', type: 'string', jsonPath: condition('Ready') },
    ],
    subresources: { status: {} },
  },
  {
    kind: 'VirtualMachineInstance',
    plural: 'virtualmachineinstances',
    shortNames: ['vmi', 'vmis'],
    columns: [
      age,
      { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
      { name: 'IP', type: 'string', jsonPath: '.status.interfaces[0].ipAddress' },
      { name: 'NodeName', type: 'string', jsonPath: '.status.nodeName' },
      { name: 'Ready', type: 'string', jsonPath: condition('Ready') },
      { name: 'Live-Migratable', type: 'string', jsonPath: condition('LiveMigratable'), priority: 1 },
      { name: 'Paused', type: 'string', jsonPath: condition('Paused'), priority: 1 },
    ],
  },
  {
    kind: 'VirtualMachineInstanceReplicaSet',
    plural: 'virtualmachineinstancereplicasets',
    shortNames: ['vmirs', 'vmirss'],
    columns: [
      { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
      { name: 'Current', type: 'integer', jsonPath: '.status.replicas' },
      { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
      age,
    ],
    subresources: {
      status: {},
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.labelSelector',
      },
    },
  },
  {
    kind: 'KubeVirt',
    plural: 'kubevirts',
    shortNames: ['kv', 'kvs'],
    columns: [age, { name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
    subresources: { status: {} },
  },
];

/** The description of a property of an object with these properties; undefined when there is none. */
export type Describe = (owner: SchemaNode, property: string) => string | undefined;

const COPIED = [
  'type',
  'required',
  'enum',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
  'nullable',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
] as const satisfies readonly (keyof SchemaNode)[];

const inside = (path: string, property: string): string => (path === '' ? property : `${path}.${property}`);

class StructuralSchema {
  constructor(
    private readonly describe: Describe,
    private readonly notes: ReadonlyMap<string, string>,
  ) {}

  /**
   * `path` is the node's place below the kind, as in the list of fields not acted on:
   * `spec.domain.devices.disks[].tag`.
   */
  node(schema: SchemaNode, path: string): Json {
    // The API server owns an object's own metadata; a template's is kept whole, whatever it holds.
    if (isObjectMeta(schema)) return path === 'metadata' ? { type: 'object' } : openObject();
    const json: Json = {};
    for (const key of COPIED) if (schema[key] !== undefined) json[key] = schema[key];
    if (schema.items !== undefined) json['items'] = this.node(schema.items, `${path}[]`);
    if (schema.additionalProperties !== undefined)
      json['additionalProperties'] = this.node(schema.additionalProperties, path);
    if (schema.properties !== undefined) json['properties'] = this.properties(schema, schema.properties, path);
    // Old manifests carry clock fields that were never defined (docs/reference/admission.md §3.2).
    if (path.endsWith('domain.clock')) json['x-kubernetes-preserve-unknown-fields'] = true;
    return json;
  }

  private properties(owner: SchemaNode, properties: Readonly<Record<string, SchemaNode>>, path: string): Json {
    return Object.fromEntries(
      Object.entries(properties).map(([name, child]) => {
        const childPath = inside(path, name);
        // The API server forbids descriptions of an object's own metadata: it has its own.
        if (childPath === 'metadata') return [name, this.node(child, childPath)];
        const note = this.notes.get(childPath);
        const description = [this.describe(owner, name), note].filter((text) => text !== undefined).join(' ');
        return [name, { ...(description === '' ? {} : { description }), ...this.node(child, childPath) }];
      }),
    );
  }
}

const openObject = (): Json => ({ type: 'object', nullable: true, 'x-kubernetes-preserve-unknown-fields': true });

/** The OpenAPI schema of a kind's objects. */
export const openApiSchema = (kind: CheckedKind, schema: SchemaNode, description: string, describe: Describe): Json => {
  const ofStatus = kind === 'VirtualMachine' ? VM_STATUS_NOT_ACTED_ON : [];
  const ignored = kind === 'KubeVirt' ? KUBEVIRT_SPEC_IGNORED : [];
  const notes = new Map([
    ...notActedOnNotes(NOT_ACTED_ON[kind]),
    ...ofStatus.map(({ path }) => [`status.${path}`, NOT_ACTED_ON_NOTE] as const),
    ...ignored.map(({ path }) => [`spec.${path}`, IGNORED_NOTE] as const),
  ]);
  return structuralSchema(schema, description, describe, notes);
};

/** By path from the root. A field of which only some values are acted on is not refused as such. */
export const notActedOnNotes = (list: readonly NotActedOn[]): [path: string, note: string][] =>
  list.flatMap(({ path, but }) => (but === undefined ? [[`spec.${path}`, NOT_ACTED_ON_NOTE]] : []));

/** The OpenAPI schema of objects of any kind. `notes` end the descriptions of fields, by paths from the root. */
export const structuralSchema = (
  schema: SchemaNode,
  description: string,
  describe: Describe,
  notes: ReadonlyMap<string, string>,
): Json => ({ description, ...new StructuralSchema(describe, notes).node(schema, '') });

const version = (name: string, { columns, subresources }: CrdKind, schema: Json): Json => ({
  name,
  served: true,
  storage: name === STORED_VERSION,
  ...(name === STORED_VERSION
    ? {}
    : {
        deprecated: true,
        deprecationWarning: `${GROUP}/${name} is deprecated: write apiVersion: ${GROUP}/${STORED_VERSION}, the schema is the same.`,
      }),
  additionalPrinterColumns: columns,
  schema: { openAPIV3Schema: name === STORED_VERSION ? schema : withoutDescriptions(schema) },
  ...(subresources === undefined ? {} : { subresources }),
});

/**
 * The same schema without its descriptions: only the preferred version is explained, and the file stays small enough to
 * apply.
 */
const withoutDescriptions = (schema: Json): Json =>
  Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === 'description' && typeof value === 'string'))
      .map(([key, value]) => [key, isRecord(value) ? withoutDescriptions(value) : value]),
  );

/** The CustomResourceDefinition of one kind, ready to be written as YAML. */
export const customResourceDefinition = (crd: CrdKind, schema: Json): Json => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${crd.plural}.${GROUP}`, labels: { [GROUP]: '' } },
  spec: {
    group: GROUP,
    names: {
      kind: crd.kind,
      listKind: `${crd.kind}List`,
      plural: crd.plural,
      singular: crd.kind.toLowerCase(),
      shortNames: crd.shortNames,
      categories: ['all'],
    },
    scope: 'Namespaced',
    conversion: { strategy: 'None' },
    versions: [STORED_VERSION, ...DEPRECATED_VERSIONS].map((name) => version(name, crd, schema)),
  },
});
