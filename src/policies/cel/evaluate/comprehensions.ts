import { sortByKeys, squareCost } from '../functions/lists.js';
import { BUDGET } from '../limits.js';
import type { Comprehension, OptionalMap } from '../macros.js';
import { CelError, NO_OVERLOAD, isError } from '../values/errors.js';
import { isList, isMap, itemAt, keysOf, mapKey, memberOf, sizeOfList } from '../values/json.js';
import { CelList, CelMap, Optional, type MapKey, type Result, type Value } from '../values/values.js';
import type { Compilation } from './code.js';
import type { Frame, Run } from './frame.js';

/*
 * Comprehensions: loops over the items of a list or the keys of a map. The units of a round are those of cel-go's
 * expansion; the nodes of its body are steps.
 */

/** The rounds of a loop: sets the variables and says whether there is one more. */
interface Rounds {
  readonly count: number;
  readonly enter: (frame: Frame, round: number) => CelError | undefined;
}

const roundsOf = (range: Value, slots: readonly number[], { spending }: Frame): Rounds | undefined => {
  const [first = 0, second] = slots;
  if (isList(range)) {
    const valueSlot = second ?? first;
    return {
      count: sizeOfList(range),
      enter: (frame, round) => {
        const item = itemAt(range, round);
        if (isError(item)) return item;
        if (second !== undefined) frame.slots[first] = BigInt(round);
        frame.slots[valueSlot] = item;
        return undefined;
      },
    };
  }
  if (!isMap(range)) return undefined;
  const keys = keysOf(range, spending);
  return {
    count: keys.length,
    enter: (frame, round) => {
      const key = keys[round] ?? null;
      frame.slots[first] = key;
      if (second === undefined) return undefined;
      const value = memberOf(range, key) ?? null;
      if (isError(value)) return value;
      frame.slots[second] = value;
      return undefined;
    },
  };
};

const NOT_A_RANGE = new CelError('no such overload: only lists and maps have items');

/** Ends a loop with a result; undefined goes on. */
type Round = (frame: Frame, isLast: boolean) => Result | undefined;

interface Loop {
  readonly round: Round;
  readonly end: (frame: Frame) => Result;
}

const quantifier = (body: Run, decides: boolean): (() => Loop) => {
  // cel-go looks at what it has, and at whether that is decided: a unit more for `exists`, which negates.
  const units = decides ? 4 : 3;
  return () => {
    let error: CelError | undefined;
    return {
      round: (frame, isLast) => {
        const over = frame.spending.spend(units);
        if (over !== undefined) return over;
        const value = body(frame);
        // It looks once more, where there is a next round, and then at the result.
        if (value === decides) return frame.spending.spend(isLast ? 1 : units) ?? value;
        if (frame.spending.exhausted !== undefined) return frame.spending.exhausted;
        if (typeof value !== 'boolean') error ??= isError(value) ? value : NO_OVERLOAD;
        return undefined;
      },
      end: () => error ?? !decides,
    };
  };
};

const existsOne = (body: Run) => (): Loop => {
  let found = 0;
  return {
    round: (frame) => {
      const value = body(frame);
      if (isError(value)) return value;
      if (typeof value !== 'boolean') return NO_OVERLOAD;
      if (!value) return undefined;
      found += 1;
      return frame.spending.spend(2);
    },
    end: () => found === 1,
  };
};

/** Whether a filter takes a round; an error where it fails. */
const passes = (filter: Run | undefined, frame: Frame): boolean | CelError => {
  if (filter === undefined) return true;
  const value = filter(frame);
  if (isError(value)) return value;
  return typeof value === 'boolean' ? value : NO_OVERLOAD;
};

/** A list of what the body gives. */
const collect = (body: Run, filter: Run | undefined, units: number) => (): Loop => {
  const items: Value[] = [];
  return {
    round: (frame) => {
      const takes = passes(filter, frame);
      if (takes !== true) return takes === false ? undefined : takes;
      const value = body(frame);
      if (isError(value)) return value;
      items.push(value);
      return (
        frame.spending.spend(units) ??
        (items.length > BUDGET.items ? frame.spending.room(items.length, BUDGET.items) : undefined)
      );
    },
    end: () => new CelList(items),
  };
};

const sorted = (body: Run, slot: number) => (): Loop => {
  const items: Value[] = [];
  const keys: Value[] = [];
  return {
    round: (frame) => {
      const key = body(frame);
      if (isError(key)) return key;
      keys.push(key);
      items.push(frame.slots[slot] as Value);
      return frame.spending.spend(12);
    },
    end: (frame) => frame.spending.spend(squareCost(new CelList(keys))) ?? sortByKeys(items, keys, frame.spending),
  };
};

const REPEATED = new CelError('insert failed: key already exists');

const insert = (into: Map<MapKey, { key: Value; value: Value }>, key: Value, value: Value): CelError | undefined => {
  const own = mapKey(key);
  if (own === undefined) return NO_OVERLOAD;
  if (into.has(own)) return REPEATED;
  into.set(own, { key, value });
  return undefined;
};

const transformMap = (body: Run, filter: Run | undefined, slot: number) => (): Loop => {
  const made = new Map<MapKey, { key: Value; value: Value }>();
  return {
    round: (frame) => {
      const takes = passes(filter, frame);
      if (takes !== true) return takes === false ? undefined : takes;
      const value = body(frame);
      if (isError(value)) return value;
      const over = frame.spending.spend(3) ?? frame.spending.room(made.size, BUDGET.items);
      return over ?? insert(made, frame.slots[slot] as Value, value);
    },
    end: () => new CelMap(made),
  };
};

const transformEntries = (body: Run, filter: Run | undefined) => (): Loop => {
  const made = new Map<MapKey, { key: Value; value: Value }>();
  return {
    round: (frame) => {
      const takes = passes(filter, frame);
      if (takes !== true) return takes === false ? undefined : takes;
      const entries = body(frame);
      if (isError(entries)) return entries;
      if (!isMap(entries)) return NO_OVERLOAD;
      for (const key of keysOf(entries, frame.spending)) {
        const value = memberOf(entries, key) ?? null;
        const over = frame.spending.room(made.size, BUDGET.items);
        const error = isError(value) ? value : (over ?? insert(made, key, value));
        if (error !== undefined) return error;
      }
      return frame.spending.spend(2);
    },
    end: () => new CelMap(made),
  };
};

const loopOf = (
  { kind }: Comprehension,
  body: Run,
  filter: Run | undefined,
  isConstant: boolean,
  [slot = 0]: readonly number[],
): (() => Loop) => {
  switch (kind) {
    case 'all':
      return quantifier(body, false);
    case 'exists':
      return quantifier(body, true);
    case 'existsOne':
      return existsOne(body);
    case 'map':
    case 'transformList':
      // What is collected so far, a list of one, their sum; a list of a constant is one, and free.
      return collect(body, filter, isConstant ? 2 : 12);
    case 'filter':
      return collect((frame) => frame.slots[slot] as Value, body, 13);
    case 'transformMap':
      return transformMap(body, filter, slot);
    case 'transformMapEntry':
      return transformEntries(body, filter);
    case 'sortBy':
      return sorted(body, slot);
  }
};

/** Measured: what a loop without rounds takes. */
const SETUP_STEPS = 10;

export const compileComprehension = (compiler: Compilation, macro: Comprehension): Run => {
  const range = compiler.compile(macro.range).run;
  return compiler.within(macro.names, (slots) => {
    const body = compiler.compile(macro.body);
    const filter = macro.filter && compiler.compile(macro.filter).run;
    const begin = loopOf(macro, body.run, filter, body.isConstant, slots);
    const steps = 2 + macro.body.size + (macro.filter?.size ?? 0);
    return (frame) => {
      const value = range(frame);
      if (isError(value)) return value;
      const rounds = roundsOf(value, slots, frame);
      if (rounds === undefined) return NOT_A_RANGE;
      const loop = begin();
      const started = frame.spending.step(SETUP_STEPS);
      if (started !== undefined) return started;
      for (let round = 0; round < rounds.count; round += 1) {
        const failed = frame.spending.step(steps) ?? rounds.enter(frame, round);
        if (failed !== undefined) return failed;
        const result = loop.round(frame, round === rounds.count - 1);
        if (result !== undefined) return frame.spending.exhausted ?? result;
      }
      return frame.spending.spend(macro.kind === 'existsOne' ? 2 : 1) ?? loop.end(frame);
    };
  });
};

export const compileOptionalMap = (compiler: Compilation, macro: OptionalMap): Run => {
  const target = compiler.compile(macro.target).run;
  return compiler.within([macro.name], ([slot = 0]) => {
    const { run } = compiler.compile(macro.body);
    const flat = macro.macro === 'optFlatMap';
    return (frame) => {
      const before = frame.spending.units;
      const value = target(frame);
      if (isError(value)) return value;
      if (!(value instanceof Optional)) return NO_OVERLOAD;
      const over = frame.spending.spend(1);
      if (over !== undefined || value.value === undefined) return over ?? Optional.none;
      // cel-go reads the target twice.
      const again = frame.spending.spend(frame.spending.units - before + (flat ? 1 : 2));
      if (again !== undefined) return again;
      frame.slots[slot] = value.value;
      const result = run(frame);
      if (isError(result)) return result;
      if (!flat) return new Optional(result);
      return result instanceof Optional ? result : NO_OVERLOAD;
    };
  });
};
