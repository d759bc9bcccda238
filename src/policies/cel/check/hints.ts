import { suggest } from '../../../api/schema-check/suggest.js';
import { GLOBAL_FUNCTIONS, MEMBER_FUNCTIONS } from '../functions/table.js';
import { MACRO_NAMES } from '../macros.js';
import type { CallNode } from '../parse/node.js';

/*
 * What to write instead of a name that is not there.
 */

/** What other CELs have and Kubernetes' has not. */
const NEVER: Readonly<Record<string, string>> = {
  'cel.bind': 'Kubernetes does not have it; use variables',
  'base64.encode': 'Kubernetes does not have it',
  'base64.decode': 'Kubernetes does not have it',
  now: 'CEL of Kubernetes has no clock',
  'math.greatest': 'Kubernetes does not have it; write [a, b].max()',
  'math.least': 'Kubernetes does not have it; write [a, b].min()',
  regex: 'Kubernetes does not have it; use matches(), find() and findAll()',
};

const since = (introduced: number): string => `1.${introduced + 1}`;

/** From which version on it may be used: an API server takes new expressions only of the version before its own. */
export const newerText = (name: string, introduced: number, version: number): string =>
  `${name}() may be used from Kubernetes ${since(introduced)} on; the policy says compatibility ${since(version)}`;

/** Why a function is unknown, and what is meant. */
export const unknownFunction = (call: CallNode, name: string): string => {
  const known = `undeclared reference to ${JSON.stringify(name)}`;
  const never = NEVER[name] ?? NEVER[name.slice(0, Math.max(0, name.indexOf('.')))];
  if (never !== undefined) return `${known}: ${never}`;
  if (name.startsWith('math.')) return `${known}: Kubernetes does not have it`;
  const [own, other] =
    call.target === undefined ? [GLOBAL_FUNCTIONS, MEMBER_FUNCTIONS] : [MEMBER_FUNCTIONS, GLOBAL_FUNCTIONS];
  if (other.has(name)) return `${known}: ${call.target === undefined ? `write x.${name}(…)` : `write ${name}(x)`}`;
  if (MACRO_NAMES.has(name)) return `${known}: ${name}() takes other arguments`;
  const near = suggest(name, [...own.keys(), ...MACRO_NAMES]);
  return near === undefined ? known : `${known}; did you mean ${JSON.stringify(near)}?`;
};

/** Variables that other users of CEL have. */
const ABSENT: Readonly<Record<string, string>> = {
  authorizer:
    'a check of rights would need calls to the API server; such a rule can stay a ValidatingAdmissionPolicy of Kubernetes',
  self: 'that is of CRDs; here it is object',
  oldSelf: 'that is of CRDs; here it is oldObject',
  params: 'the policy has no params',
};

export const unknownVariable = (name: string, known: Iterable<string>): string => {
  const text = `undeclared reference to ${JSON.stringify(name)}`;
  const instead = Object.hasOwn(ABSENT, name) ? ABSENT[name] : undefined;
  if (instead !== undefined) return `${text}: ${instead}`;
  const near = suggest(name, known);
  return near === undefined ? text : `${text}; did you mean ${JSON.stringify(near)}?`;
};

/** What to write where the arguments of a function are of other types. */
export const overloadRemedy = (name: string): string | undefined =>
  name === 'quantity' || name === 'isQuantity'
    ? `write ${name}(string(x)) for a number`
    : name === 'string'
      ? 'quantities have no text in CEL'
      : undefined;
