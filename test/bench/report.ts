/** One promise of SPECIFICATION.md and what was measured. */
export interface Promised {
  readonly name: string;
  readonly limit: string;
  readonly figure: string;
  readonly kept: boolean;
}

/** Prints a table; a promise that is not kept makes the command fail, so that a release cannot overlook it. */
export const report = (promises: readonly Promised[]): void => {
  for (const { name, limit, figure, kept } of promises) {
    process.stdout.write(`${kept ? 'kept  ' : 'BROKEN'}  ${name}: ${figure} (limit ${limit})\n`);
  }
  if (promises.some(({ kept }) => !kept)) process.exitCode = 1;
};
