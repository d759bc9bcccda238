import { POLICY_RESOURCE_KINDS, POLICY_RESOURCES } from '../src/api/policy/policy-kinds.js';

/** docs/policy-fields.md: every field of policies and exceptions, from the CustomResourceDefinitions. */

interface Node {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly additionalProperties?: Node;
}

interface Definition {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Node } }[] };
}

const INTRO = `<!-- Made by \`npm run generate\` from src/api/schema/policies.ts and its descriptions. Do not edit. -->
# Fields of policies and exceptions

Every field, as \`kubectl explain\` shows it. What they are for is on [the page of policies](policies.md). A field that
is not here is refused, with the one that was probably meant.
`;

/** Of a table: a bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const typeOf = (node: Node): string => {
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}s`;
  if (node.type === 'object') return node.additionalProperties === undefined ? 'object' : 'map';
  return node.format === 'date-time' ? 'time' : (node.type ?? 'any');
};

const limitsOf = ({ enum: words, maxItems, maxLength, items }: Node, required: boolean): string =>
  [
    ...(required ? ['required'] : []),
    ...(words ?? items?.enum ?? []).map((word) => `\`${String(word)}\``),
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
    ...(maxLength === undefined ? [] : [`${maxLength} characters`]),
  ].join(', ');

const rowsOf = (node: Node, path: string): string[] =>
  Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const below = `${path}.${name}${child.type === 'array' ? '[]' : ''}`;
    const limits = limitsOf(child, node.required?.includes(name) === true);
    const row = `| \`${path}.${name}\` | ${typeOf(child)} | ${limits} | ${cell(child.description ?? '')} |`;
    return [row, ...rowsOf(child.type === 'array' ? (child.items ?? {}) : child, below)];
  });

/** The two kinds of policies have the same fields. */
const SECTIONS = [
  { title: 'VirtualMachineClusterPolicy, VirtualMachinePolicy', kind: 'VirtualMachineClusterPolicy' },
  { title: 'VirtualMachinePolicyException', kind: 'VirtualMachinePolicyException' },
] as const;

const schemaOf = (definition: Record<string, unknown>): Node =>
  (definition as unknown as Definition).spec.versions[0]?.schema.openAPIV3Schema ?? {};

/** @param definitions by kind */
export const policyFieldsPage = (definitions: ReadonlyMap<string, Record<string, unknown>>): string => {
  const section = ({ title, kind }: (typeof SECTIONS)[number]): string[] => {
    const schema = schemaOf(definitions.get(kind) ?? {});
    const part = (name: 'spec' | 'status'): string[] => [
      '| Field | Type | | |\n| --- | --- | --- | --- |',
      ...rowsOf(schema.properties?.[name] ?? {}, name),
      '',
    ];
    return [`## ${title}\n`, ...part('spec'), ...part('status')];
  };
  const short = POLICY_RESOURCE_KINDS.map((kind) => `* \`${POLICY_RESOURCES[kind].shortName}\`: ${kind}`);
  const names = [`Short names, and \`kubectl get vmpolicies\` for all three:\n`, ...short, ''];
  return [INTRO, ...names, ...SECTIONS.flatMap(section)].join('\n');
};
