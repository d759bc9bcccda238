import assert from 'node:assert/strict';
import { selects } from '../../../src/api/label-selector.js';

describe('a label selector', () => {
  const labels = { pool: 'dense', zone: 'a' };
  const by = (operator: string, key: string, ...values: string[]) =>
    selects({ matchExpressions: [{ key, operator, values }] }, labels);

  it('picks by labels that must be there, all of them; an empty one picks all', () => {
    assert.ok(selects({}, labels) && selects({ matchLabels: { pool: 'dense' } }, labels));
    assert.ok(!selects({ matchLabels: { pool: 'dense', zone: 'b' } }, labels));
    assert.ok(!selects({ matchLabels: { toString: 'x' } }, labels));
  });

  it('picks by expressions', () => {
    assert.ok(by('In', 'pool', 'dense', 'x') && !by('In', 'pool', 'x') && !by('In', 'none', 'x'));
    assert.ok(by('NotIn', 'pool', 'x') && by('NotIn', 'none', 'x') && !by('NotIn', 'pool', 'dense'));
    assert.ok(by('Exists', 'zone') && !by('Exists', 'none') && !by('Exists', 'constructor'));
    assert.ok(by('DoesNotExist', 'none') && !by('DoesNotExist', 'zone'));
  });

  it('picks nothing by an operator that does not exist', () => assert.ok(!by('Gt', 'zone', '0')));
});
