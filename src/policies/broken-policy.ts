import { MAX_MESSAGE, shortened, type Cause } from '../api/cause.js';
import { errorsBySchema } from '../api/schema-check/check-schema.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import { PolicyMatch, POLICY_ACTIONS, POLICY_KINDS, type PolicySpec } from '../api/schema/policies.js';
import { BOOL } from './cel/check/types.js';
import { Program } from './cel/program.js';
import { CelError } from './cel/values/errors.js';
import type { CompiledPolicy } from './compile-policy.js';
import { policyEnvironment } from './environments.js';
import { recordOf } from '../api/record.js';

/*
 * A stored policy that does not compile, such as one that an older version took: it counts as an error of every object
 * that it is for, so its failurePolicy decides. What cannot be read of it is taken at its strictest.
 */

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const failing = (message: string): Program =>
  new Program({
    text: '',
    node: { kind: 'literal', value: null, start: 0, end: 0, size: 1, depth: 1 },
    type: BOOL,
    run: () => new CelError(message),
    slots: 0,
    patterns: new Set(),
    warnings: [],
  });

const matchOf = (match: unknown): PolicySpec['match'] =>
  match !== undefined && errorsBySchema(PolicyMatch as unknown as SchemaNode, match).length === 0
    ? (match as PolicySpec['match'])
    : undefined;

const annotationsOf = (annotations: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(recordOf(annotations)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

const VERSION = 29;

export const brokenPolicy = (object: unknown, causes: readonly Cause[]): CompiledPolicy => {
  const { metadata, spec } = recordOf(object);
  const { name, namespace, annotations } = recordOf(metadata);
  const { action, failurePolicy, match } = recordOf(spec);
  const [first] = causes;
  const why = first === undefined ? 'nobody knows why' : `${first.field}: ${first.message}`;
  const readable = matchOf(match);
  const kinds = readable?.kinds ?? POLICY_KINDS;
  return {
    name: text(name) ?? '',
    namespace: text(namespace),
    annotations: annotationsOf(annotations),
    spec: {
      action: POLICY_ACTIONS.find((known) => known === action) ?? 'Enforce',
      failurePolicy: failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
      ...(readable === undefined ? {} : { match: readable }),
      validations: [],
    },
    kinds,
    version: VERSION,
    conditions: [
      { name: 'compiled', program: failing(shortened(`it does not compile: ${why}`).slice(0, MAX_MESSAGE)) },
    ],
    variables: [],
    validations: [],
    auditAnnotations: [],
    environment: policyEnvironment({ version: VERSION, kinds, params: undefined, own: [] }),
  };
};
