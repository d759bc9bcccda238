/*
 * Exact Kubernetes quantities ("1Gi", "500m", 2). Source of the rules: docs/reference/admission.md §3.3 and Kubernetes'
 * own documented grammar. Every representable quantity is a whole number of nanos (10^-9), because Kubernetes rounds
 * anything finer up to the next nano; so one bigint of nanos holds every value exactly and no floating point is used.
 */

/** How a quantity was written, and therefore how it is printed: `Ki…Ei`, `n…E`, or `e3`. */
export type QuantityFormat = 'binary' | 'decimal' | 'exponent';

const NANOS = 1_000_000_000n;
const MILLI_NANOS = 1_000_000n;
/** What Kubernetes caps a binary-suffixed quantity to: the largest signed 64-bit integer. */
const MAX_BINARY = (2n ** 63n - 1n) * NANOS;
/** Beyond these a text is an attack on the arithmetic, not an amount of anything. */
const MAX_TEXT = 128;
const MAX_EXPONENT = 100;

const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
/** Index i stands for 10^(3·(i−3)). */
const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const GRAMMAR = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+|n|u|m|k|M|G|T|P|E|)$/;

const REMEDY =
  'write a number with one of the units Ki Mi Gi Ti Pi Ei (powers of 1024), n u m k M G T P E (of 1000), an exponent or none, ' +
  'such as "1Gi", "500m" or 2';

/** A quantity as people write it: another case, a space, a "B" for bytes, a comma. */
const LOOSE = /^\s*(\d{1,30})(?:[.,](\d{1,9}))?\s*([kmgtp])(i?)b?(?:ytes?)?\s*$/i;

/** What to write instead of a text that is nearly a quantity. */
const remedyOf = (text: string): string => {
  const [, whole, fraction, letter = '', binary] = LOOSE.exec(text) ?? [];
  if (whole === undefined) return REMEDY;
  const number = fraction === undefined ? whole : `${whole}.${fraction}`;
  const of1024 = `${number}${letter.toUpperCase()}i`;
  if (binary !== '') return `write "${of1024}"`;
  const of1000 = `${number}${letter.toLowerCase() === 'k' ? 'k' : letter.toUpperCase()}`;
  return `write "${of1024}" (powers of 1024) or "${of1000}" (of 1000)`;
};

/** A text that is no quantity. `message` names the value and says what to write instead. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
  constructor(
    readonly value: string,
    /** What is wrong with it, continuing the value: "is not a quantity". */
    readonly problem: string,
    readonly remedy: string = REMEDY,
  ) {
    super(`${JSON.stringify(value)} ${problem}; ${remedy}`);
  }
}

const abs = (n: bigint): bigint => (n < 0n ? -n : n);
/** `n / d`, rounded away from zero. `d` is positive. */
const divideUp = (n: bigint, d: bigint): bigint => {
  const quotient = n / d;
  if (quotient * d === n) return quotient;
  return n < 0n ? quotient - 1n : quotient + 1n;
};

/** An exact, immutable amount: a whole number of nanos, and the family of suffixes it prints with. */
export class Quantity {
  static readonly zero = new Quantity(0n, 'decimal');

  /**
   * {@link value} and {@link milliValue}, once asked for: every rule about memory asks again, and bigint divisions are
   * slow.
   */
  private units: bigint | undefined;
  private milliUnits: bigint | undefined;

  private constructor(
    /** The amount in units of 10^-9. */
    readonly nanos: bigint,
    readonly format: QuantityFormat,
  ) {}

  /** A whole number of units (bytes, cores), printed with binary suffixes unless another format is given. */
  static of(units: bigint | number, format: QuantityFormat = 'binary'): Quantity {
    return new Quantity(BigInt(units) * NANOS, format);
  }

  /** A number of thousandths, such as milli-CPUs. */
  static ofMilli(milli: bigint | number): Quantity {
    return new Quantity(BigInt(milli) * MILLI_NANOS, 'decimal');
  }

  static ofNanos(nanos: bigint, format: QuantityFormat): Quantity {
    return new Quantity(nanos, format);
  }

  /** In whole units, rounded up (away from zero). */
  value(): bigint {
    return (this.units ??= divideUp(this.nanos, NANOS));
  }

  /** In thousandths, rounded up (away from zero). */
  milliValue(): bigint {
    return (this.milliUnits ??= divideUp(this.nanos, MILLI_NANOS));
  }

  isInteger(): boolean {
    return this.nanos % NANOS === 0n;
  }

  isZero(): boolean {
    return this.nanos === 0n;
  }

  sign(): -1 | 0 | 1 {
    return this.compare(Quantity.zero);
  }

  compare(other: Quantity): -1 | 0 | 1 {
    if (this.nanos === other.nanos) return 0;
    return this.nanos < other.nanos ? -1 : 1;
  }

  equals(other: Quantity): boolean {
    return this.nanos === other.nanos;
  }

  /** The sum; it prints in this quantity's family, or the other's when this one is zero (as Kubernetes does). */
  add(other: Quantity): Quantity {
    return new Quantity(this.nanos + other.nanos, this.isZero() ? other.format : this.format);
  }

  sub(other: Quantity): Quantity {
    return new Quantity(this.nanos - other.nanos, this.isZero() ? other.format : this.format);
  }

  neg(): Quantity {
    return new Quantity(-this.nanos, this.format);
  }

  /** This quantity times `numerator / denominator`, rounded up (away from zero) to a nano. */
  mul(numerator: bigint | number, denominator: bigint | number = 1n): Quantity {
    const [n, d] = [BigInt(numerator), BigInt(denominator)];
    if (d === 0n) throw new RangeError('a quantity cannot be multiplied by a ratio whose denominator is zero');
    return new Quantity(divideUp(d < 0n ? -this.nanos * n : this.nanos * n, abs(d)), this.format);
  }

  /** Kubernetes' canonical form: the largest suffix that keeps the number whole, in the family as entered. */
  toString(): string {
    if (this.nanos === 0n) return '0';
    if (this.format === 'binary' && this.isInteger() && abs(this.nanos) >= 1024n * NANOS) return this.printBinary();
    return this.printDecimal();
  }

  toJSON(): string {
    return this.toString();
  }

  private printBinary(): string {
    let number = this.nanos / NANOS;
    let power = 0;
    while (number % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
      number /= 1024n;
      power += 1;
    }
    return `${number}${BINARY_SUFFIXES[power] ?? ''}`;
  }

  private printDecimal(): string {
    let number = this.nanos;
    let exponent = -9;
    // The largest suffix is E; an exponent has no upper limit.
    while (number % 1000n === 0n && (this.format === 'exponent' || exponent < 18)) {
      number /= 1000n;
      exponent += 3;
    }
    if (this.format !== 'exponent') return `${number}${DECIMAL_SUFFIXES[exponent / 3 + 3] ?? ''}`;
    return exponent === 0 ? `${number}` : `${number}e${exponent}`;
  }
}

/** One unit of a suffix is `multiplier / divisor` nanos. */
interface Unit {
  readonly format: QuantityFormat;
  readonly multiplier: bigint;
  readonly divisor: bigint;
}

/** The units of all suffixes that are no exponent. Made once, because powers of bigints are slow. */
const UNITS: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...BINARY_SUFFIXES.slice(1).map((suffix, i): [string, Unit] => [
    suffix,
    { format: 'binary', multiplier: NANOS * 1024n ** BigInt(i + 1), divisor: 1n },
  ]),
  ...DECIMAL_SUFFIXES.map((suffix, i): [string, Unit] => [
    suffix,
    { format: 'decimal', multiplier: 1000n ** BigInt(i), divisor: 1n },
  ]),
]);

/** What is wrong with a text that is no quantity. */
interface Problem {
  readonly value: string;
  readonly problem: string;
}

const exponentUnit = (suffix: string, text: string): Unit | Problem => {
  const exponent = Number(suffix.slice(1));
  if (exponent > MAX_EXPONENT) return { value: text, problem: `has an exponent above ${MAX_EXPONENT}` };
  // In nanos. Whatever is that small rounds up to one nano anyway.
  const power = Math.max(exponent, -4 * MAX_TEXT) + 9;
  const [multiplier, divisor] = power >= 0 ? [10n ** BigInt(power), 1n] : [1n, 10n ** BigInt(-power)];
  return { format: 'exponent', multiplier, divisor };
};

const read = (text: string): Quantity | Problem => {
  const match = GRAMMAR.exec(text);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
  if (!match || whole + fraction === '') return { value: text, problem: 'is not a quantity' };
  const unit = UNITS.get(suffix) ?? exponentUnit(suffix, text);
  if ('problem' in unit) return unit;
  const { format, multiplier, divisor } = unit;
  const amount = BigInt(whole + fraction) * multiplier;
  let nanos = fraction === '' && divisor === 1n ? amount : divideUp(amount, divisor * 10n ** BigInt(fraction.length));
  if (format === 'binary' && nanos > MAX_BINARY) nanos = MAX_BINARY;
  // Below one unit a binary suffix would need a fraction, so Kubernetes switches to the decimal family.
  const printed = format === 'binary' && nanos > 0n && nanos < NANOS ? 'decimal' : format;
  return Quantity.ofNanos(sign === '-' ? -nanos : nanos, printed);
};

/**
 * What texts were read as. The schema, the defaults and a dozen rules all read the same few texts ("2Gi"): reading one
 * takes 2 µs of bigints, looking it up a twentieth of that. Bounded, because users choose the texts: it is emptied when
 * it is full.
 */
const known = new Map<string, Quantity | Problem>();
const MAX_KNOWN = 1000;

const lookUp = (input: string | number): Quantity | Problem => {
  const text = typeof input === 'string' ? input : String(input);
  if (text.length > MAX_TEXT) return { value: `${text.slice(0, 32)}…`, problem: 'is too long for a quantity' };
  const earlier = known.get(text);
  if (earlier !== undefined) return earlier;
  if (known.size >= MAX_KNOWN) known.clear();
  const result = read(text);
  known.set(text, result);
  return result;
};

/**
 * Reads a quantity as Kubernetes does: anything finer than a nano is rounded up (away from zero), a binary-suffixed
 * amount is capped at 2^63 − 1. A JSON number is read from its decimal form.
 * @throws QuantityError when the text is no quantity.
 */
export const parseQuantity = (input: string | number): Quantity => {
  const result = lookUp(input);
  if (result instanceof Quantity) return result;
  throw new QuantityError(result.value, result.problem, remedyOf(result.value));
};

/** Like {@link parseQuantity}; undefined where it would throw (an exception costs more than all rules together). */
export const tryQuantity = (input: unknown): Quantity | undefined => {
  if (typeof input !== 'string' && typeof input !== 'number') return undefined;
  const result = lookUp(input);
  return result instanceof Quantity ? result : undefined;
};

/** Bytes. */
export const MEBIBYTE = 1024n * 1024n;

/** Whether `input` is a quantity; never throws. */
export const isQuantity = (input: unknown): input is string | number => tryQuantity(input) !== undefined;

/** A number of whole bytes (or other units), rounded up; a missing quantity is 0 (docs/reference/admission.md §3.3). */
export const quantityBytes = (quantity: Quantity | string | number | undefined): bigint => {
  if (quantity === undefined) return 0n;
  return (quantity instanceof Quantity ? quantity : parseQuantity(quantity)).value();
};
