import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import { CliError, ExitCode, messageOf, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { locate } from './positions.js';
import type { Position } from './positions.js';

/** A YAML document of this many aliases per node is an attack, not a manifest (yaml's own default). */
const MAX_ALIASES = 100;

/** One object of a manifest file. */
export interface Manifest {
  /** As the user named it; `<stdin>` for `-`. */
  readonly file: string;
  readonly object: Record<string, unknown>;
  /** Where a field is in the file; the nearest parent's place when the field is not there. */
  readonly positionOf: (fieldPath: string) => Position;
}

/** A file or document that is not readable as YAML. */
export interface SyntaxFinding extends Position {
  readonly file: string;
  readonly message: string;
}

export interface ManifestSet {
  readonly manifests: readonly Manifest[];
  readonly syntax: readonly SyntaxFinding[];
}

const STDIN = '<stdin>';
const OBJECT_REMEDY = 'write apiVersion, kind, metadata and spec';

/** A directory stands for the manifests below it, in the order of their names. */
const expand = (path: string): string[] => {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, error);
  }
};

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const unreadable = (path: string, error: unknown): CliError =>
  new CliError(`cannot read ${path}: ${isMissing(error) ? 'no such file or directory' : messageOf(error)}`, {
    remedy: 'Name an existing file or directory, or - for stdin.',
    exitCode: ExitCode.usage,
    cause: error,
  });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Contents {
  readonly objects: readonly Omit<Manifest, 'file'>[];
  /** Paths of what should be objects and are not. */
  readonly wrong: readonly string[];
}

/**
 * The objects of one document: itself, or the items of a List, be it `List` or one of a kind, such as
 * `VirtualMachineList`.
 */
const contentsOf = (value: unknown, document: Document, lines: LineCounter): Contents => {
  if (value === null || value === undefined) return { objects: [], wrong: [] };
  if (!isObject(value)) return { objects: [], wrong: [''] };
  const { items, kind } = value;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) {
    return { objects: [{ object: value, positionOf: (path) => locate(document, lines, path) }], wrong: [] };
  }
  const places = items.map((item: unknown, index) => ({ item, path: `items[${index}]` }));
  return {
    objects: places.flatMap(({ item, path }) =>
      isObject(item) ? [{ object: item, positionOf: (below) => locate(document, lines, `${path}.${below}`) }] : [],
    ),
    wrong: places.filter(({ item }) => !isObject(item)).map(({ path }) => path),
  };
};

/** Parses the documents of one file. Never throws: what is wrong becomes a finding. */
const parseManifests = (file: string, text: string): ManifestSet => {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, version: '1.2', schema: 'core' });
  const manifests: Manifest[] = [];
  const syntax: SyntaxFinding[] = [];
  for (const document of documents) {
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      // The library appends the place and an excerpt; the place is ours to print.
      syntax.push({ file, line, column: col, message: error.message.split(' at line ')[0] ?? error.message });
    }
    if (document.errors.length > 0) continue;
    try {
      const { objects, wrong } = contentsOf(document.toJS({ maxAliasCount: MAX_ALIASES }), document, lines);
      for (const path of wrong) {
        const what = path === '' ? 'the document' : path;
        syntax.push({ file, ...locate(document, lines, path), message: `${what} is not an object: ${OBJECT_REMEDY}` });
      }
      manifests.push(...objects.map((each) => ({ file, ...each })));
    } catch (error) {
      syntax.push({ file, ...locate(document, lines, ''), message: messageOf(error) });
    }
  }
  return { manifests, syntax };
};

/**
 * Reads every manifest that the command line names.
 * @throws UsageError when it names none; CliError (exit code 2) when a file cannot be read, or when all of them are
 * empty: what
 *   should have made them has failed, and nobody should think them checked
 */
export const readManifests = async (
  io: Io,
  flags: { files?: readonly string[]; filename?: readonly string[] },
): Promise<ManifestSet> => {
  const named = [...(flags.filename ?? []), ...(flags.files ?? [])];
  if (named.length === 0) {
    throw new UsageError('no manifest given', {
      remedy: 'Name one with -f FILE (or -f - for stdin).',
      exitCode: ExitCode.usage,
    });
  }
  const manifests: Manifest[] = [];
  const syntax: SyntaxFinding[] = [];
  for (const file of named.flatMap((name) => (name === '-' ? [STDIN] : expand(name)))) {
    let text: string;
    try {
      text = file === STDIN ? await readText(io.stdin) : readFileSync(file, 'utf8');
    } catch (error) {
      throw unreadable(file, error);
    }
    const set = parseManifests(file, text);
    manifests.push(...set.manifests);
    syntax.push(...set.syntax);
  }
  if (manifests.length + syntax.length === 0) {
    throw new CliError(`there is no object in ${named.map((name) => (name === '-' ? STDIN : name)).join(', ')}`, {
      remedy: 'Name files that hold manifests (*.yaml, *.yml or *.json in a directory).',
      exitCode: ExitCode.usage,
    });
  }
  return { manifests, syntax };
};
