import { BOOL } from '../check/types.js';
import { lengthCost, method, text, type Overload } from './declare.js';
import { CONVERSION_FUNCTIONS } from './conversions.js';
import { FORMAT_FUNCTIONS } from './format.js';
import { LIST_FUNCTIONS } from './lists.js';
import { NAMED_FORMAT_FUNCTIONS } from './named-formats.js';
import { NETWORK_FUNCTIONS } from './network.js';
import { OPTIONAL_FUNCTIONS } from './optionals.js';
import { PATTERN_FUNCTIONS } from './patterns.js';
import { QUANTITY_FUNCTIONS } from './quantities.js';
import { SET_FUNCTIONS } from './sets.js';
import { TEXT_FUNCTIONS } from './text.js';
import { TIME_FUNCTIONS } from './times.js';
import { VERSION_FUNCTIONS } from './versions.js';

/*
 * All functions that an expression may call. The list is closed: a test has it by name, and none does I/O, asks a clock
 * or chance.
 */

const STANDARD: readonly Overload[] = [
  method('contains', [text, text], BOOL, ([s, part]) => s.includes(part), {
    cost: (args) => lengthCost(args, 0) * lengthCost(args, 1),
  }),
  method('startsWith', [text, text], BOOL, ([s, part]) => s.startsWith(part), { cost: (args) => lengthCost(args, 0) }),
  method('endsWith', [text, text], BOOL, ([s, part]) => s.endsWith(part), { cost: (args) => lengthCost(args, 0) }),
];

const ALL: readonly Overload[] = [
  ...STANDARD,
  ...CONVERSION_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...FORMAT_FUNCTIONS,
  ...PATTERN_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...SET_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...OPTIONAL_FUNCTIONS,
  ...QUANTITY_FUNCTIONS,
  ...NETWORK_FUNCTIONS,
  ...NAMED_FORMAT_FUNCTIONS,
  ...VERSION_FUNCTIONS,
];

/** By name, and whether it is called on something. */
const byName = (member: boolean): ReadonlyMap<string, readonly Overload[]> => {
  const found = new Map<string, Overload[]>();
  for (const overload of ALL) {
    if (overload.member !== member) continue;
    const others = found.get(overload.name);
    if (others === undefined) found.set(overload.name, [overload]);
    else others.push(overload);
  }
  return found;
};

export const GLOBAL_FUNCTIONS = byName(false);
export const MEMBER_FUNCTIONS = byName(true);

/** What is called as `name.function(…)` with a name that is no variable: `sets`, `optional`. */
export const NAMESPACES: ReadonlySet<string> = new Set(
  [...GLOBAL_FUNCTIONS.keys()].filter((name) => name.includes('.')).map((name) => name.slice(0, name.indexOf('.'))),
);
