import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { INSTANCE_DEFAULTS } from '../../../src/mutators/instance.js';
import { RULES } from '../../../src/validators/rules.js';

describe('docs/admission.md', () => {
  const text = readFileSync(new URL('../../../docs/admission.md', import.meta.url), 'utf8');
  it('has every default, in order', () => {
    const places = INSTANCE_DEFAULTS.map(({ id }) => text.indexOf(`| \`${id}\``));
    assert.ok(places.every((place) => place >= 0));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  });
  it('has every rule', () => {
    assert.deepEqual(
      RULES.map(({ id }) => id).filter((id) => !text.includes(`| \`${id}\``)),
      [],
    );
  });
});
