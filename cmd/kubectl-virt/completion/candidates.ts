/** Bits of the last line, which instruct the shell (cobra's protocol, docs/reference/control.md §8). */
export const Directive = { error: 1, noSpace: 2, noFiles: 4, extensions: 8, directories: 16, keepOrder: 32 } as const;

/** What could come next: candidates, each optionally with a tab and its description. */
export interface Completion {
  readonly candidates: readonly string[];
  readonly directive: number;
}

export const NOTHING: Completion = { candidates: [], directive: Directive.noFiles };
