import { describeValue } from '../api/schema-check/describe-value.js';
import { schemaOf } from '../api/schema-check/check-schema.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import { suggest } from '../api/schema-check/suggest.js';
import { POLICY_KINDS, type PolicySpec } from '../api/schema/policies.js';

/*
 * The `field` of a validation: a path that the schema has. `$` is the instance's spec.
 */

const PATH = /^(?:\$|[A-Za-z][A-Za-z0-9]*)(?:\.[A-Za-z][A-Za-z0-9]*|\[[^\][]{1,253}\])*$/;
const STEP = /\[([^\][]*)\]|[A-Za-z][A-Za-z0-9]*|\$/g;

/** What a step leads to; `any`: the schema leaves it open. */
const step = (node: SchemaNode, name: string, bracketed: boolean): SchemaNode | 'any' | undefined => {
  if (node.items !== undefined) return bracketed ? node.items : undefined;
  if (node.additionalProperties !== undefined) return node.additionalProperties;
  if (node.properties !== undefined && Object.hasOwn(node.properties, name)) return node.properties[name];
  return node['x-kubernetes-preserve-unknown-fields'] === true ? 'any' : undefined;
};

/** The first step that a schema does not have, and what it has there. */
const missingStep = (
  root: SchemaNode,
  steps: readonly RegExpExecArray[],
): { readonly name: string; readonly near: string | undefined } | undefined => {
  let node = root;
  for (const { 0: text, 1: inner } of steps) {
    const name = inner ?? text;
    const next = step(node, name, inner !== undefined);
    if (next === 'any') return undefined;
    if (next === undefined) return { name, near: suggest(name, Object.keys(node.properties ?? {})) };
    node = next;
  }
  return undefined;
};

const INSTANCE_SPEC = (): SchemaNode => schemaOf('VirtualMachineInstance').properties?.['spec'] ?? {};

/** What is wrong with a path, in words that go on from where it stands. */
export const fieldProblem = (field: string, { match }: PolicySpec): string | undefined => {
  const shown = describeValue(field);
  if (!PATH.test(field)) return `is ${shown}; write a path such as $.domain.cpu, where $ is the spec of the instance`;
  const [head, ...steps] = [...field.matchAll(STEP)] as RegExpExecArray[];
  if (head === undefined) return undefined;
  const ofRoot = head[0] === '$' ? [INSTANCE_SPEC()] : (match?.kinds ?? POLICY_KINDS).map((kind) => schemaOf(kind));
  const missing = ofRoot.map((root) => missingStep(root, head[0] === '$' ? steps : [head, ...steps]));
  const [first] = missing;
  // Of several kinds one that has it is enough.
  if (first === undefined || missing.includes(undefined)) return undefined;
  const near = first.near === undefined ? '' : `; did you mean ${describeValue(first.near)}?`;
  return `is ${shown}, and the schema has no ${describeValue(first.name)} there${near}`;
};
