import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isQuantity, parseQuantity, Quantity, QuantityError, quantityBytes } from '../../../src/api/quantity.js';

/** Texts and what Kubernetes prints for them (resource.Quantity's documented rules). */
const CANONICAL: readonly [string | number, string][] = [
  ['1024Mi', '1Gi'],
  ['0.5', '500m'],
  [0.5, '500m'],
  ['1e3', '1e3'],
  ['1E3', '1e3'],
  ['1E', '1E'],
  ['10000e3', '10e6'],
  ['1.5e-4', '150e-6'],
  ['1000', '1k'],
  ['1024', '1024'],
  ['1025Ki', '1025Ki'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['0.1Gi', '107374182400m'],
  ['2000m', '2'],
  ['1500m', '1500m'],
  ['12345k', '12345k'],
  ['-1Gi', '-1Gi'],
  ['+1', '1'],
  ['1.', '1'],
  ['.5', '500m'],
  ['0', '0'],
  ['0Gi', '0'],
  ['0.1n', '1n'],
  ['-0.1n', '-1n'],
  ['1e-100', '1e-9'],
  ['100Ei', '9223372036854775807'],
  [1e21, '1e21'],
  [2, '2'],
];

const MALFORMED = [
  '',
  '.',
  '+',
  'Gi',
  '1 Gi',
  '1gi',
  '1gb',
  '1Kii',
  'e3',
  '1e',
  '1e3.5',
  'NaN',
  'Infinity',
  '0x10',
  '1e101',
  '9'.repeat(200),
];

const format = fc.constantFrom('binary' as const, 'decimal' as const, 'exponent' as const);
const quantity = fc.oneof(
  fc
    .tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.constantFrom('decimal' as const, 'exponent' as const))
    .map(([nanos, f]) => Quantity.ofNanos(nanos, f)),
  fc.bigInt(-(2n ** 62n), 2n ** 62n).map((units) => Quantity.of(units)),
);

describe('api/quantity', () => {
  for (const [text, canonical] of CANONICAL) {
    it(`prints ${JSON.stringify(text)} as ${canonical}`, () => assert.equal(parseQuantity(text).toString(), canonical));
  }

  for (const text of MALFORMED) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))} with the value and a remedy`, () => {
      assert.throws(
        () => parseQuantity(text),
        (error) =>
          error instanceof QuantityError && error.message.includes(text.slice(0, 10)) && error.remedy.includes('1Gi'),
      );
      assert.equal(isQuantity(text), false);
    });
  }

  it('rounds up, away from zero', () => {
    assert.equal(parseQuantity('1100m').value(), 2n);
    assert.equal(parseQuantity('-1100m').value(), -2n);
    assert.equal(parseQuantity('1u').milliValue(), 1n);
    assert.equal(parseQuantity('2200m').milliValue(), 2200n);
    assert.equal(quantityBytes(undefined), 0n);
    assert.equal(quantityBytes('1Gi'), 2n ** 30n);
  });

  it('multiplies by a ratio exactly, rounding up at the nano', () => {
    assert.equal(parseQuantity('1').mul(1, 3).nanos, 333_333_334n);
    assert.equal(parseQuantity('1Gi').mul(3, 2).toString(), '1536Mi');
    assert.equal(parseQuantity('4').mul(1, -2).toString(), '-2');
    assert.throws(() => parseQuantity('1').mul(1, 0), RangeError);
  });

  it('takes the other family when it is zero', () => {
    assert.equal(Quantity.zero.add(parseQuantity('1Gi')).toString(), '1Gi');
    assert.equal(parseQuantity('1Gi').add(parseQuantity('1M')).format, 'binary');
  });

  it('reads what it prints', () => fc.assert(fc.property(quantity, (q) => parseQuantity(q.toString()).equals(q))));

  // A binary amount that is no multiple of 1024 prints without a suffix, so it is read back as a decimal one.
  it('prints what is canonical already without a change', () =>
    fc.assert(
      fc.property(
        quantity.filter(({ format }) => format !== 'binary'),
        (q) => {
          const text = q.toString();
          assert.equal(parseQuantity(text).toString(), text);
        },
      ),
    ));

  it('adds and subtracts as whole numbers do', () =>
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        assert.equal(a.add(b).nanos, a.nanos + b.nanos);
        assert.ok(a.add(b).sub(b).equals(a));
        assert.ok(a.add(b).equals(b.add(a)));
        assert.ok(a.add(a.neg()).isZero());
      }),
    ));

  it('orders totally, and rounding keeps the order', () =>
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        assert.equal(a.compare(b) + b.compare(a), 0);
        assert.equal(a.compare(b) === 0, a.equals(b));
        if (a.compare(b) <= 0) assert.ok(a.value() <= b.value() && a.milliValue() <= b.milliValue());
      }),
    ));

  it('never throws anything but QuantityError', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), format), (text) => {
        try {
          parseQuantity(text);
        } catch (error) {
          assert.ok(error instanceof QuantityError);
        }
      }),
    ));
});
