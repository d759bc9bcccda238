import assert from 'node:assert/strict';
import { Environment, dynamic } from '../../../../src/policies/cel/environment.js';
import { Spending } from '../../../../src/policies/cel/evaluate/spending.js';
import { compiled, inputsOf, LATEST } from './evaluate.js';

/*
 * Kubernetes' units: of cel-go's tracker with Kubernetes' table of functions.
 */

const ENVIRONMENT = new Environment(LATEST, [
  dynamic('a'),
  dynamic('b'),
  dynamic('text'),
  dynamic('list'),
  dynamic('map'),
]);
const INPUTS = inputsOf(true, false, 'x'.repeat(500), [1, 2, 3], { key: { inner: 1 }, other: { inner: 2 } });

describe('The cost of an expression', () => {
  for (const [text, units] of [
    ['"Hello World!"', 0],
    ['a', 1],
    ["map['key']", 2],
    ['list[0]', 2],
    ["map['ke' + 'y']", 3],
    ['list[3 - 3]', 3],
    ['map.key.inner', 3],
    ['has(map.key)', 1],
    ['has(map.key.inner)', 2],
    ['a && b', 2],
    ['a || b', 1],
    ['1 < 2', 1],
    ['!a', 2],
    ['true ? 1 : 2', 0],
    ['(1 > 2 ? 5 : 3) > 1', 2],
    ['(1 > 2 || 2 > 1) == true', 3],
    ['(a ? list : list).all(y, true)', 1 + 3 * 3 + 1],
    ['list.all(x, true)', 1 + 3 * 3 + 1],
    ['map.all(k, map[k].inner > 0)', 1 + 2 * (3 + 4) + 1],
    ["text.matches('[0-9]')", 103],
    ["'123'.matches('[0-9]')", 2],
    ["text.matches('\\\\d+a\\\\d+b')", 103],
    ['text.contains(text)', 2502],
    ["text.startsWith('x')", 51],
    ['text.size()', 2],
    ["'12345678901234567890' == '123456789012345678901234567890'", 2],
    ['bytes(text).size()', 52],
    ['string(1)', 0],
    ["'a' in ['a', 'b']", 0],
    ['a in [a, b]', 1 + 12 + 2],
    ['[a, b].size()', 13],
    ["{'k': a}.size()", 32],
    ['text.lowerAscii().size()', 52],
    ["text.replace('y', 'z').size()", 102],
    ["quantity('1Gi').isInteger()", 2],
    ['list.map(x, x + 1).size()', 1 + 3 * (2 + 12) + 1 + 1],
    ['list.filter(x, x > 1).size()', 1 + 3 * 2 + 2 * 13 + 1 + 1],
  ] as const) {
    it(`${text.slice(0, 80)}: ${units}`, () => {
      const spending = new Spending();
      compiled(text, ENVIRONMENT).evaluate(INPUTS, spending);
      assert.equal(spending.units, units);
    });
  }
});
