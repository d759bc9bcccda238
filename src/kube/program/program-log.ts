import { pino, type Logger, type LoggerOptions } from 'pino';
import { errorMessage } from '../client/api-error.js';
import { visibleJson, visibleText } from '../../api/visible-text.js';

/**
 * The log of a program, in JSON on stdout. `kubectl logs` shows it on a terminal as it is, so what JSON leaves alone
 * and a terminal acts on (C1, marks of direction) is escaped too.
 */
export const programLog = (options: LoggerOptions): Logger => {
  const sink = pino.destination(1);
  return pino(options, { write: (line) => void sink.write(visibleJson(line)) });
};

/** The last message of a program that cannot run. */
export const lastWords = (program: string, error: unknown): void =>
  void process.stderr.write(visibleText(`${program}: ${withRemedy(error)}\n`));

/** What is wrong and, where the error says so, what to do. */
export const withRemedy = (error: unknown): string => {
  const remedy = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  return typeof remedy === 'string' ? `${errorMessage(error)}. ${remedy}` : errorMessage(error);
};
