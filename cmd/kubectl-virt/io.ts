import type { Writable } from 'node:stream';
import type { Environment } from '../../src/kube/kubeconfig/types.js';
import { renderError } from './errors.js';
import type { TextWriter } from './text-writer.js';

/** The process's surroundings, so that commands can be tested without one. */
export interface Io {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: TextWriter;
  readonly stderr: TextWriter;
  /**
   * stdout as it is, for the bytes of a guest's console alone: the guest draws on the terminal, as on one of its own.
   */
  readonly guestScreen: Writable;
  readonly env: Environment;
  /** How the user calls the plugin: `kubectl virt`, or `kubectl-virt`'s other name. */
  readonly program: string;
}

/** A line of result, on stdout. */
export const print = (io: Io, line: string): void => io.stdout.write(`${line}\n`);

/** A line of progress or warning, on stderr. */
export const note = (io: Io, line: string): void => io.stderr.write(`${line}\n`);

/** A warning of the server, or of ours, on stderr. */
export const warn = (io: Io, text: string): void => {
  io.stderr.paint('yellow', 'Warning:');
  io.stderr.write(` ${text}\n`);
};

/** What the terminal shows of an error: `error: MESSAGE` and, on a line of its own, what to do. */
export const noteError = (io: Io, error: unknown): void => {
  const text = renderError(error);
  const [, word = '', rest = text] = /^(error:)([^]*)$/.exec(text) ?? [];
  if (word !== '') io.stderr.paint('red', word);
  io.stderr.write(rest);
};

/**
 * `kubectl virt` when the file is called `kubectl-virt` (krew installs a symlink, so the name counts, not what it
 * points to), `oc virt` for `oc-virt`, else the file's own name. Source: docs/reference/control.md §1.1, §8.
 */
export const programName = (script: string | undefined): string => {
  const base = (script ?? '').replace(/^.*[/\\]/, '').replace(/\.(exe|[cm]?[jt]s)$/, '');
  const prefix = /^(.+)-virt$/.exec(base)?.[1];
  return prefix === undefined ? 'kubectl virt' : `${prefix} virt`;
};
