import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { CliError, UsageError } from '../errors.js';
import { findProgram } from '../offline/run/programs.js';
import { isViewerKind, VIEWER_KINDS, type ViewerKind } from './viewer-kinds.js';

/** A program that shows a screen, and how it is called. */
export interface Viewer {
  readonly program: string;
  readonly args: readonly string[];
}

/** What each viewer is told of the port on this machine. Source: docs/reference/control.md §1.6. */
const ARGUMENTS: Readonly<Record<ViewerKind, (port: number) => readonly string[]>> = {
  'remote-viewer': (port) => [`vnc://127.0.0.1:${port}`],
  tiger: (port) => [`127.0.0.1::${port}`],
  real: (port) => [`127.0.0.1::${port}`, '-WarnUnencrypted=0', '-Shared=0', '-ShareFiles=0'],
  chicken: (port) => [`127.0.0.1:${port}`],
};

/** Names in PATH, in the order in which they are tried. */
const IN_PATH: readonly (readonly [ViewerKind, string])[] = [
  ['remote-viewer', 'remote-viewer'],
  ['tiger', 'vncviewer'],
];

const APPLICATIONS = '/Applications';
/** The newest of a program whose folder has its version in its name. */
const newest = (prefix: string): string | undefined =>
  existsSync(APPLICATIONS)
    ? readdirSync(APPLICATIONS)
        .filter((name) => name.startsWith(prefix) && name.endsWith('.app'))
        .sort()
        .at(-1)
    : undefined;

const onMac = (): readonly (readonly [ViewerKind, string])[] => {
  const inside = (app: string | undefined, program: string): string =>
    app === undefined ? '' : posix.join(APPLICATIONS, app, 'Contents/MacOS', program);
  return [
    ['tiger', inside(newest('TigerVNC'), 'TigerVNC Viewer')],
    ['chicken', inside(newest('Chicken'), 'Chicken')],
    ['real', inside(newest('VNC Viewer'), 'vncviewer')],
  ];
};

/** The viewers of this machine, the best first. */
const installed = (platform: NodeJS.Platform): (readonly [ViewerKind, string])[] => [
  ...(platform === 'darwin' ? onMac().filter(([, path]) => existsSync(path)) : []),
  ...IN_PATH.flatMap(([kind, name]) => {
    const path = findProgram(name);
    return path === undefined ? [] : [[kind, path] as const];
  }),
];

/**
 * The viewer that the user asks for, or the first that is installed.
 * @throws UsageError for a type that is none, a path without a type, a path at which nothing is; CliError where there
 * is no viewer
 */
export const findViewer = (
  asked: { readonly kind?: string | undefined; readonly path?: string | undefined },
  platform: NodeJS.Platform = process.platform,
): ((port: number) => Viewer) => {
  const { kind, path } = asked;
  if (kind !== undefined && !isViewerKind(kind))
    throw new UsageError(`unknown --vnc-type "${kind}"`, { remedy: `There are ${VIEWER_KINDS.join(', ')}.` });
  if (path !== undefined && kind === undefined)
    throw new UsageError('--vnc-path needs --vnc-type', {
      remedy: `Say what is there: ${VIEWER_KINDS.join(', ')}.`,
    });
  if (path !== undefined && !existsSync(path))
    throw new UsageError(`--vnc-path ${path} does not exist`, { remedy: 'Correct the path.' });
  const found = installed(platform);
  const [type, program] = (kind !== undefined && path !== undefined
    ? ([kind, path] as const)
    : found.find(([one]) => kind === undefined || one === kind)) ?? [undefined, undefined];
  if (type === undefined)
    throw new CliError(`no VNC viewer was found${kind === undefined ? '' : ` of the type ${kind}`}`, {
      remedy:
        'Install remote-viewer (package virt-viewer) or vncviewer (TigerVNC), name yours with --vnc-type and --vnc-path, or serve the screen with --proxy-only.',
    });
  return (port) => ({ program, args: ARGUMENTS[type](port) });
};
