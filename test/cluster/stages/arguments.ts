/** What `npm test -- …` is asked for. */
import { parseArgs } from 'node:util';

export const STAGES = ['lint', 'unit', 'properties', 'integration', 'e2e'] as const;
export type StageName = (typeof STAGES)[number];

export interface Wanted {
  readonly stages: readonly StageName[];
  /** Only tests whose full title matches; undefined: all. */
  readonly grep: string | undefined;
}

/** @throws with the remedy, when an argument is not known */
export const parseArguments = (args: readonly string[]): Wanted => {
  const options = { only: { type: 'string' }, grep: { type: 'string' } } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
  const { only, grep } = values;
  if (only === undefined) return { stages: STAGES, grep };
  const names = only.split(',').filter(Boolean);
  const unknown = names.filter((name) => !(STAGES as readonly string[]).includes(name));
  if (unknown.length > 0 || names.length === 0) {
    throw new Error(`--only ${only}: stages are ${STAGES.join(', ')}, separated by commas`);
  }
  return { stages: STAGES.filter((name) => names.includes(name)), grep };
};
