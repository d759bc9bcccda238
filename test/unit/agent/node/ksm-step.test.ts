import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KSM_OVERRIDES, ksmSettings, ksmStep, type KsmStep } from '../../../../src/agent/node/ksm-step.js';

const GIB = 1024 * 1024;
const node = (totalGiB: number, availableGiB: number) => ({
  totalKiB: totalGiB * GIB,
  availableKiB: availableGiB * GIB,
});
const { settings: DEFAULTS } = ksmSettings({});

describe('what KSM is to do', () => {
  it('begins under pressure, grows to its most, shrinks without, and stops on the 24th look', () => {
    let state = { running: false, pages: 100 };
    const look = (availableGiB: number): KsmStep => {
      const step = ksmStep(state, node(16, availableGiB), DEFAULTS);
      state = step.run ? { running: true, pages: step.pages } : { ...state, running: false };
      return step;
    };
    assert.deepEqual(
      [2, 2, 2, 2, 2, 2].map(look),
      [100, 400, 700, 1000, 1250, 1250].map((pages) => ({ run: true, pages, sleepMs: 114 })),
    );
    const shrinking = Array.from({ length: 24 }, () => look(8));
    assert.deepEqual(shrinking.slice(0, 2), [
      { run: true, pages: 1200, sleepMs: 200 },
      { run: true, pages: 1150, sleepMs: 200 },
    ]);
    assert.ok(shrinking.slice(0, 23).every(({ run }) => run));
    assert.deepEqual(shrinking[23], { run: false });
    assert.deepEqual(look(8), { run: false });
  });

  for (const [total, available, sleepMs] of [
    [64, 4, 26],
    [256, 6, 10],
  ] as const)
    it(`sleeps ${sleepMs} ms on a node that uses ${total - available} GiB`, () =>
      assert.deepEqual(ksmStep({ running: false, pages: 0 }, node(total, available), DEFAULTS), {
        run: true,
        pages: 100,
        sleepMs,
      }));

  it('is nothing where memory is enough', () =>
    assert.deepEqual(ksmStep({ running: false, pages: 100 }, node(16, 8), DEFAULTS), { run: false }));

  it('is brought into bounds where an administrator ran it', () => {
    assert.deepEqual(ksmStep({ running: true, pages: 9999 }, node(16, 8), DEFAULTS), {
      run: true,
      pages: 1250,
      sleepMs: 200,
    });
    assert.deepEqual(ksmStep({ running: true, pages: 9999 }, node(16, 1), DEFAULTS).run, true);
  });

  it('never leaves its bounds, whatever the node’s annotations and memory are', () => {
    const text = fc.oneof(
      fc.integer({ min: -5000, max: 5000 }).map(String),
      fc.double({ min: -1, max: 2, noNaN: true }).map((number) => number.toFixed(3)),
      fc.constantFrom('', ' ', 'x', '1e9', '99999999999', '-0', '0x10', 'NaN', 'Infinity', '٣'),
      fc.string({ maxLength: 12 }),
    );
    const annotations = fc
      .tuple(...Object.values(KSM_OVERRIDES).map((key) => fc.option(fc.tuple(fc.constant(key), text))))
      .map((pairs) => Object.fromEntries(pairs.filter((pair) => pair !== null)));
    const memory = fc
      .nat({ max: 2 ** 40 })
      .chain((totalKiB) => fc.record({ totalKiB: fc.constant(totalKiB), availableKiB: fc.nat({ max: 2 ** 40 }) }));
    const state = fc.record({ running: fc.boolean(), pages: fc.nat({ max: 2 ** 32 - 1 }) });
    fc.assert(
      fc.property(annotations, memory, state, (given, now, before) => {
        const { settings, problems } = ksmSettings(given);
        const { boost, decay, min, max, init, sleepMs, freeFraction } = settings;
        assert.ok(boost >= 0 && decay <= 0 && min >= 0 && max >= min && init >= min && init <= max);
        assert.ok(sleepMs >= 1 && freeFraction >= 0 && freeFraction <= 1);
        assert.ok(problems.length <= 7 && problems.every((problem) => problem.length < 200));
        const step = ksmStep(before, now, settings);
        if (!step.run) return;
        assert.ok(step.pages >= min && step.pages <= max, `${step.pages}`);
        assert.ok(step.sleepMs >= Math.max(1, Math.floor(sleepMs / 10)) && step.sleepMs < 2 ** 32, `${step.sleepMs}`);
        assert.ok(Number.isSafeInteger(step.pages) && Number.isSafeInteger(step.sleepMs));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('how eagerly a node merges', () => {
  const of = (annotations: Record<string, string>) => ksmSettings(annotations);

  it('is as its annotations say', () => {
    const given = { boost: 10, decay: -5, min: 20, max: 40, init: 30, sleepMs: 7, freeFraction: 0.5 };
    const annotations = Object.fromEntries(
      Object.entries(KSM_OVERRIDES).map(([name, key]) => [key, String(given[name as keyof typeof given])]),
    );
    assert.deepEqual(of(annotations), { settings: given, problems: [] });
  });

  it('is the default where one is out of bounds or no number, and says which', () => {
    const { settings, problems } = of({
      [KSM_OVERRIDES.boost]: '-1',
      [KSM_OVERRIDES.decay]: '5',
      [KSM_OVERRIDES.sleepMs]: '0',
      [KSM_OVERRIDES.freeFraction]: '20',
      [KSM_OVERRIDES.init]: 'all',
    });
    assert.deepEqual(settings, DEFAULTS);
    assert.deepEqual(problems.map((problem) => problem.split(':')[0]?.split(' ')[1]).toSorted(), [
      KSM_OVERRIDES.freeFraction,
      KSM_OVERRIDES.boost,
      KSM_OVERRIDES.decay,
      KSM_OVERRIDES.init,
      KSM_OVERRIDES.sleepMs,
    ]);
  });

  it('is the lower bound where the default is outside of what another annotation leaves', () => {
    assert.deepEqual(of({ [KSM_OVERRIDES.min]: '2000' }).settings, { ...DEFAULTS, min: 2000, max: 2000, init: 2000 });
    const { settings, problems } = of({ [KSM_OVERRIDES.min]: '2000', [KSM_OVERRIDES.max]: '100' });
    assert.equal(settings.max, 2000);
    assert.match(problems[0] ?? '', /pages-max-override: "100" is no number from 2000 to 4294967295; 2000 is used/);
  });
});
