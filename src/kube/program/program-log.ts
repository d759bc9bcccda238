import { pino, type Logger } from 'pino';
import { errorMessage } from '../client/api-error.js';
import { visibleJson, visibleText } from '../../api/visible-text.js';

/**
 * The log of a program, in JSON on stdout, one format for all three: level in words, ISO time, program; an error is
 * its text in `error`, and where an Error was logged as it is, its `stack`. `kubectl logs` shows it on a terminal as
 * it is, so what JSON leaves alone and a terminal acts on (C1, marks of direction) is escaped too.
 */
export const programLog = (
  program: string,
  level: string,
  { fields = {}, write = toStdout() }: { fields?: Readonly<Record<string, string>>; write?: Write } = {},
): Logger =>
  pino(
    {
      level,
      base: { program, ...fields },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: described },
    },
    { write: (line) => void write(visibleJson(line)) },
  );

type Write = (line: string) => unknown;

const toStdout = (): Write => {
  const sink = pino.destination(1);
  return (line) => sink.write(line);
};

const described = (fields: Record<string, unknown>): Record<string, unknown> =>
  fields.error instanceof Error ? { ...fields, error: withRemedy(fields.error), stack: fields.error.stack } : fields;

/** The last message of a program that cannot run. */
export const lastWords = (program: string, error: unknown): void =>
  void process.stderr.write(visibleText(`${program}: ${withRemedy(error)}\n`));

/** What is wrong and, where the error says so, what to do. */
const withRemedy = (error: unknown): string => {
  const remedy = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  return typeof remedy === 'string' ? `${errorMessage(error)}. ${remedy}` : errorMessage(error);
};
