import { userEnvironment } from './environment.js';
import { programName } from './io.js';
import type { Io } from './io.js';
import { textWriter } from './text-writer.js';

/** This process's own surroundings: the one place of the plugin that has its stdout and stderr as they are. */
export const processIo = (): Io => {
  const env = userEnvironment(process);
  return {
    stdin: process.stdin,
    stdout: textWriter(process.stdout, env),
    stderr: textWriter(process.stderr, env),
    guestScreen: process.stdout,
    env,
    program: programName(process.argv[1]),
  };
};
