import { median } from './network-measures.js';
import type { Promised } from './report.js';

const ROUNDS = Number(process.env['ROUNDS'] ?? 6);

export interface Measure {
  readonly what: string;
  readonly unit: string;
  /** Of a guest's address; NaN: lost. */
  readonly of: (address: string) => Promise<number>;
  /** More is better. */
  readonly most: boolean;
  /** As good as the other, this many times. */
  readonly atLeast: number;
}

/** A name and the address of a guest. */
type Named = readonly [name: string, address: string];

/**
 * Two guests, measured in turn in the same minutes. The median of some rounds counts: the machine does other things
 * too.
 */
export const compare = async (measures: readonly Measure[], one: Named, other: Named): Promise<Promised[]> => {
  const results: Promised[] = [];
  for (const { what, unit, of, most, atLeast } of measures) {
    const figures: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++)
      for (const [index, [name, address]] of [one, other].entries()) {
        const figure = await of(address);
        process.stdout.write(`  ${what}, by ${name}: ${figure.toFixed(1)} ${unit}\n`);
        // A question or its answer was lost again and again.
        if (!Number.isNaN(figure)) figures[index]?.push(figure);
      }
    const [ours, theirs] = [median(figures[0]), median(figures[1])];
    const ratio = most ? ours / theirs : theirs / ours;
    results.push({
      name: `${what}, ${one[0]} beside ${other[0]}`,
      limit: `${atLeast} × as good`,
      figure: `${ratio.toFixed(2)} × (${ours.toFixed(0)} and ${theirs.toFixed(0)} ${unit})`,
      kept: ratio >= atLeast,
    });
  }
  return results;
};
