import type { Overload } from '../functions/declare.js';
import type { BinaryOperator } from '../parse/node.js';
import { areAssignable, Bindings, partsOf } from './unify.js';
import * as types from './types.js';
import { DYN, typeText, type CelType } from './types.js';

/*
 * Which of a function's or operator's overloads fits the types of its arguments, and what it gives.
 */

export interface Signature {
  readonly params: readonly CelType[];
  readonly result: CelType;
  readonly since: number;
}

const A = types.param('A');
const B = types.param('B');
const sig = (params: readonly CelType[], result: CelType, since = 0): Signature => ({ params, result, since });
const same = (...all: readonly CelType[]): Signature[] => all.map((type) => sig([type, type], type));

const { BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION } = types;
const LIST = types.listOf(A);
const MAP = types.mapOf(A, B);
const NUMBERS = [INT, UINT, DOUBLE];
/** Numbers of different types have an order from this version. */
const CROSS = 28;

const ORDER: readonly Signature[] = [
  ...[BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION].map((type) => sig([type, type], BOOL)),
  ...NUMBERS.flatMap((one) => NUMBERS.filter((other) => other !== one).map((other) => sig([one, other], BOOL, CROSS))),
];

export const OPERATOR_SIGNATURES: Readonly<Record<BinaryOperator, readonly Signature[]>> = {
  '+': [
    ...same(INT, UINT, DOUBLE, STRING, BYTES, DURATION),
    sig([LIST, LIST], LIST),
    sig([TIMESTAMP, DURATION], TIMESTAMP),
    sig([DURATION, TIMESTAMP], TIMESTAMP),
  ],
  '-': [
    ...same(INT, UINT, DOUBLE, DURATION),
    sig([TIMESTAMP, TIMESTAMP], DURATION),
    sig([TIMESTAMP, DURATION], TIMESTAMP),
  ],
  '*': same(INT, UINT, DOUBLE),
  '/': same(INT, UINT, DOUBLE),
  '%': same(INT, UINT),
  '==': [sig([A, A], BOOL)],
  '!=': [sig([A, A], BOOL)],
  '<': ORDER,
  '<=': ORDER,
  '>': ORDER,
  '>=': ORDER,
  in: [sig([A, LIST], BOOL), sig([A, MAP], BOOL)],
};

export const UNARY_SIGNATURES: Readonly<Record<'!' | '-', readonly Signature[]>> = {
  '!': [sig([BOOL], BOOL)],
  '-': [sig([INT], INT), sig([DOUBLE], DOUBLE)],
};

export const INDEX_SIGNATURES: readonly Signature[] = [sig([LIST, INT], A), sig([MAP, A], B)];

const withFresh = (type: CelType, suffix: string): CelType => {
  switch (type.kind) {
    case 'param':
      return types.param(type.name + suffix);
    case 'list':
      return types.listOf(withFresh(type.item, suffix));
    case 'map':
      return types.mapOf(withFresh(type.key, suffix), withFresh(type.value, suffix));
    case 'optional':
    case 'type':
    case 'nullable':
      return { kind: type.kind, of: withFresh(type.of, suffix) };
    default:
      return type;
  }
};

const isOpen = (type: CelType): boolean => type.kind === 'param' || partsOf(type).some(isOpen);

/** Whether a signature has type parameters; looked at once for each. */
const known = new WeakMap<Signature, boolean>();

const hasParameters = (signature: Signature): boolean => {
  const earlier = known.get(signature);
  if (earlier !== undefined) return earlier;
  const open = isOpen(signature.result) || signature.params.some(isOpen);
  known.set(signature, open);
  return open;
};

/** Finds the overloads that fit, and binds what their parameters are. */
export class Resolver {
  private fresh = 0;

  constructor(
    readonly bindings: Bindings,
    private readonly version: number,
  ) {}

  newParam(): CelType {
    this.fresh += 1;
    return types.param(`_${this.fresh}`);
  }

  /** What a call gives; undefined where nothing fits. More than one that fits with different results: dyn. */
  resolve(signatures: readonly Signature[], args: readonly CelType[]): CelType | undefined {
    let result: CelType | undefined;
    for (const signature of signatures) {
      const { params, result: given, since } = signature;
      if (since > this.version || params.length !== args.length) continue;
      const open = hasParameters(signature);
      if (open) this.fresh += 1;
      const suffix = `_${this.fresh}`;
      const wanted = open ? params.map((type) => withFresh(type, suffix)) : params;
      if (!areAssignable(this.bindings, args, wanted)) continue;
      const found = this.bindings.resolve(open ? withFresh(given, suffix) : given);
      if (result === undefined) result = found;
      else if (result.kind !== 'dyn' && typeText(result) !== typeText(found)) result = DYN;
    }
    return result;
  }
}

/** An overload as a reader of messages knows it: `string.substring(int)`. */
export const signatureText = ({ name, member, params }: Overload): string => {
  const texts = params.map(typeText);
  return member ? `${texts[0] ?? ''}.${name}(${texts.slice(1).join(', ')})` : `${name}(${texts.join(', ')})`;
};
