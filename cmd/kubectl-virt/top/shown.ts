export type SortKey = 'cpu' | 'memory' | 'guest' | 'name';

/** What is shown at once: rows with their header first, or a line that says why there are none. */
export interface Shown {
  readonly rows: readonly (readonly string[])[];
  readonly nothing: string;
  readonly exitCode: number;
}
