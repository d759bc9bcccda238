import type { SchemaNode } from '../api/schema-check/schema-node.js';
import type { NotActedOn } from '../api/settings/acted-on.js';

/** Fields that are Kubernetes' own types, handed on to the pod whole: each counts as one. */
const KUBERNETES: ReadonlySet<string> = new Set([
  'affinity',
  'dnsConfig',
  'resourceClaims',
  'tolerations',
  'topologySpreadConstraints',
]);

/** How many fields a kind has below its `spec`, and how many of them are acted on. */
export interface ActedOnCount {
  readonly total: number;
  readonly actedOn: number;
}

/** Every field below a node, with those that hold others: `domain.cpu`, `domain.cpu.cores`. */
const pathsBelow = (node: SchemaNode, path: string): string[] => {
  if (KUBERNETES.has(path)) return [];
  if (node.type === 'array' && node.items !== undefined) return pathsBelow(node.items, `${path}[]`);
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const own = path === '' ? name : `${path}.${name}`;
    return [own, ...pathsBelow(child, own)];
  });
};

/** A field of which some values are acted on counts as acted on. */
const isRefused = (path: string, list: readonly NotActedOn[]): boolean =>
  list.some(
    (one) =>
      one.but === undefined &&
      one.unless === undefined &&
      (path === one.path || path.startsWith(`${one.path}.`) || path.startsWith(`${one.path}[`)),
  );

export const countActedOn = (spec: SchemaNode, list: readonly NotActedOn[]): ActedOnCount => {
  const paths = pathsBelow(spec, '');
  return { total: paths.length, actedOn: paths.filter((path) => !isRefused(path, list)).length };
};
