import { CliError } from '../errors.js';

/** How a console session ended: `error` when the plugin must exit with 1, `notice` for a good end worth a line. */
export interface Ending {
  readonly notice?: string;
  readonly error?: CliError;
}

/** What a WebSocket close code of the server means. Source: spec/control.md §3.6. */
export const endingOf = (code: number, reason: string, name: string): Ending => {
  const text = reason.trim();
  switch (code) {
    case 1000:
      return {};
    case 1001:
      return {
        error: new CliError(text === '' ? 'the server is shutting down' : text, { remedy: 'Open the console again.' }),
      };
    case 4001:
      return {
        error: new CliError(text === '' ? `another user connected to the console of ${name}` : text, {
          remedy: 'A console has one user at a time. Opening it again takes it back from the other one.',
        }),
      };
    case 4002:
      return { notice: text === '' ? `${name} was powered off` : text };
    case 4003:
      return {
        error: new CliError(text === '' ? 'the console was closed because it was idle' : text, {
          remedy: 'Open it again.',
        }),
      };
    case 1005:
    case 1006:
      return {
        error: new CliError(`the connection to the console of ${name} was lost`, {
          remedy:
            'The VM may have been powered off, another user may have opened its console, or the network failed. Open it again.',
        }),
      };
    default:
      return { error: new CliError(text === '' ? `the console was closed with code ${code}` : text) };
  }
};
