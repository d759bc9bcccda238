/**
 * Where and as whom to connect cannot be found out: the message says what is wrong with which value, the remedy what to
 * do.
 */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
  readonly remedy: string | undefined;

  constructor(message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.remedy = options.remedy;
  }
}
