import { closeEntry } from '../../../src/agent-api/stream.js';
import { CliError } from '../errors.js';

/** How a console session ended: `error` when the plugin must exit with 1, `notice` for a good end worth a line. */
export interface Ending {
  readonly notice?: string;
  readonly error?: CliError;
}

/**
 * What a WebSocket close code of the server means for a stream of a VM (`what`: console, screen). Source:
 * docs/reference/control.md §3.6.
 */
export const endingOf = (code: number, reason: string, name: string, what = 'console'): Ending => {
  const entry = closeEntry(code);
  if (entry?.ending === 'quiet') return {};
  const text = reason.trim() || (entry?.text(name, what) ?? `the ${what} was closed with code ${code}`);
  if (entry?.ending === 'notice') return { notice: text };
  return { error: new CliError(text, entry?.remedy === undefined ? {} : { remedy: entry.remedy }) };
};
