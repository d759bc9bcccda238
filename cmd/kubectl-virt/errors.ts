/**
 * Exit codes of the plugin (docs/reference/control.md §1.1: 0 and 1 as kubectl; 130 when the user interrupted a wait).
 */
export const ExitCode = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** An error that the user can act on: the message says what is wrong with which value, the remedy what to do. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly remedy: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: { remedy?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.remedy = options.remedy;
    this.exitCode = options.exitCode ?? ExitCode.failure;
  }
}

/** The command line itself is wrong. Exit code 1 as kubectl; `lint` maps it to 2, because there 1 means findings. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';
}

/** The user pressed ^C (or sent a signal) while the plugin was waiting. */
export class Interrupted extends CliError {
  override readonly name = 'Interrupted';
  constructor(exitCode: number = ExitCode.interrupted) {
    super('Interrupted.', { exitCode });
  }
}

/**
 * Whether an error is meant for the user. By shape, not by class: a chunk of the bundle that is loaded on demand has
 * its own copy of the class.
 */
export const isCliError = (error: unknown): error is CliError =>
  error instanceof Error && typeof (error as Partial<CliError>).exitCode === 'number';

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the terminal shows: `error: MESSAGE` and, on a line of its own, what to do. */
export const renderError = (error: unknown): string => {
  // The user pressed ^C and needs no message.
  if (error instanceof Error && error.name === 'Interrupted') return '\n';
  const remedy = isCliError(error) && error.remedy !== undefined ? `\n${error.remedy}` : '';
  return `error: ${messageOf(error)}${remedy}\n`;
};
