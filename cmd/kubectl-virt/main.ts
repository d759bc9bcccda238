import { ExitCode, isCliError } from './errors.js';
import { noteError } from './io.js';
import { processIo } from './process-io.js';
import { main } from './program.js';

const io = processIo();

// A closed pipe (`… | head`) is not an error worth a stack trace.
io.guestScreen.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? ExitCode.ok : ExitCode.failure);
});

const report = (error: unknown): void => {
  process.exitCode = isCliError(error) ? error.exitCode : ExitCode.failure;
  noteError(io, error);
  // A fault of ours: the trace is what a report needs.
  if (!isCliError(error) && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
};

// Node would print what nobody caught as it is.
process.on('uncaughtException', (error: unknown) => {
  report(error);
  process.exit();
});

main(process.argv.slice(2), io).then((code) => {
  process.exitCode = code;
}, report);
