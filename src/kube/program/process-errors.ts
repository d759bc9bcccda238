import { inspect } from 'node:util';
import { Counter, type Registry } from 'prom-client';

/** The part of pino that is used here. */
interface FatalLog {
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
}

/** As much of the process as is needed, so that a test need not be one. */
interface Process {
  on(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  exit(code: number): void;
}

const described = (error: unknown) =>
  error instanceof Error ? { error: error.message, stack: error.stack } : { error: inspect(error, { depth: 1 }) };

/**
 * What becomes of errors that nobody handles, in every program that runs for long.
 *
 * A promise that was rejected belongs to one piece of work, which has ended with it; everything else continues. It is a
 * defect, so it is logged and counted, but it must not be a way to end the program for all VMs: some stranger's request
 * may be at its beginning.
 *
 * An exception that nobody caught came out of a callback in the middle of something: what it left half done (a cache, a
 * parser of libvirt's stream) is believed by everybody who comes next. So it still ends the process; kubelet starts
 * another, and VMs run on.
 */
export const watchProcessErrors = (log: FatalLog, registry: Registry, process: Process = globalThis.process): void => {
  const rejections = new Counter({
    name: 'kubevirt_unhandled_rejections_total',
    help: 'Promises that were rejected and that nobody handled; each is a defect, see the log.',
    registers: [registry],
  });
  process.on('unhandledRejection', (reason) => {
    rejections.inc();
    log.error(described(reason), 'a promise was rejected and nobody handled it');
  });
  process.on('uncaughtException', (error) => {
    log.fatal(described(error), 'an exception was not caught; the process ends');
    process.exit(1);
  });
};
