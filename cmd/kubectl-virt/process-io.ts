import { userEnvironment } from './environment.js';
import { programName } from './io.js';
import type { Io } from './io.js';
import { textWriter } from './text-writer.js';

/** This process's own surroundings: the one place of the plugin that has its stdout and stderr as they are. */
export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: textWriter(process.stdout),
  stderr: textWriter(process.stderr),
  guestScreen: process.stdout,
  env: userEnvironment(process),
  program: programName(process.argv[1]),
});
