/*
 * Exact Kubernetes quantities ("1Gi", "500m", 2). Source of the rules: spec/admission.md §3.3 and Kubernetes'
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

/** A text that is no quantity. `message` names the value and says what to write instead. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
  constructor(
    readonly value: string,
    /** What is wrong with it, going on from the value: "is not a quantity". */
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

  private constructor(
    /** The amount in units of 10^-9. */
    readonly nanos: bigint,
    readonly format: QuantityFormat,
  ) {}

  /** A whole number of units (bytes, cores), printed with binary suffixes unless told otherwise. */
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
    return divideUp(this.nanos, NANOS);
  }

  /** In thousandths, rounded up (away from zero). */
  milliValue(): bigint {
    return divideUp(this.nanos, MILLI_NANOS);
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

interface Suffix {
  format: QuantityFormat;
  base: bigint;
  power: number;
}

const readSuffix = (suffix: string, text: string): Suffix => {
  const binary = suffix === '' ? -1 : BINARY_SUFFIXES.indexOf(suffix as (typeof BINARY_SUFFIXES)[number]);
  if (binary > 0) return { format: 'binary', base: 1024n, power: binary };
  const decimal = DECIMAL_SUFFIXES.indexOf(suffix as (typeof DECIMAL_SUFFIXES)[number]);
  if (decimal >= 0) return { format: 'decimal', base: 10n, power: 3 * (decimal - 3) };
  const power = Number(suffix.slice(1));
  if (power > MAX_EXPONENT) throw new QuantityError(text, `has an exponent above ${MAX_EXPONENT}`);
  // Whatever is that small rounds up to one nano anyway.
  return { format: 'exponent', base: 10n, power: Math.max(power, -4 * MAX_TEXT) };
};

/**
 * Reads a quantity as Kubernetes does: anything finer than a nano is rounded up (away from zero), a binary-suffixed
 * amount is capped at 2^63 − 1. A JSON number is read from its decimal form.
 * @throws QuantityError when the text is no quantity.
 */
export const parseQuantity = (input: string | number): Quantity => {
  const text = String(input);
  if (text.length > MAX_TEXT) throw new QuantityError(`${text.slice(0, 32)}…`, 'is too long for a quantity');
  const match = GRAMMAR.exec(text);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
  if (!match || whole + fraction === '') throw new QuantityError(text, 'is not a quantity');
  const { format, base, power } = readSuffix(suffix, text);
  let numerator = BigInt(whole + fraction) * NANOS;
  let denominator = 10n ** BigInt(fraction.length);
  if (power >= 0) numerator *= base ** BigInt(power);
  else denominator *= base ** BigInt(-power);
  let nanos = divideUp(numerator, denominator);
  if (format === 'binary' && nanos > MAX_BINARY) nanos = MAX_BINARY;
  // Below one unit a binary suffix would need a fraction, so Kubernetes goes over to the decimal family.
  const printed = format === 'binary' && nanos > 0n && nanos < NANOS ? 'decimal' : format;
  return Quantity.ofNanos(sign === '-' ? -nanos : nanos, printed);
};

/** Whether `input` is a quantity; never throws. */
export const isQuantity = (input: unknown): input is string | number => {
  if (typeof input !== 'string' && typeof input !== 'number') return false;
  try {
    parseQuantity(input);
    return true;
  } catch {
    return false;
  }
};

/** A number of whole bytes (or other units), rounded up; a missing quantity is 0 (spec/admission.md §3.3). */
export const quantityBytes = (quantity: Quantity | string | number | undefined): bigint => {
  if (quantity === undefined) return 0n;
  return (quantity instanceof Quantity ? quantity : parseQuantity(quantity)).value();
};
