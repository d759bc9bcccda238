import { ExitCode, isCliError, renderError } from './errors.js';
import { userEnvironment } from './environment.js';
import { programName } from './io.js';
import type { Io } from './io.js';
import { main } from './program.js';

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: userEnvironment(process),
  program: programName(process.argv[1]),
};

// A closed pipe (`… | head`) is not an error worth a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? ExitCode.ok : ExitCode.failure);
});

main(process.argv.slice(2), io).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = isCliError(error) ? error.exitCode : ExitCode.failure;
    process.stderr.write(renderError(error));
    // A fault of ours: the trace is what a report needs.
    if (!isCliError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  },
);
