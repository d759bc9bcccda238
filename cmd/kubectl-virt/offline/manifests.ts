import { basename } from 'node:path';
import type { YamlDocument } from '../../../src/api/yaml/document.js';
import type { Position } from '../../../src/api/yaml/lines.js';
import { readYaml } from '../../../src/api/yaml/read-yaml.js';
import type { YamlProblemKind } from '../../../src/api/yaml/read-yaml.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { expandPath, readText, STDIN } from './read-text.js';
import { unpack } from './unpack.js';
import { isRecord } from '../../../src/api/record.js';

/** One object of a manifest file. */
export interface Manifest {
  /** As the user named it; `<stdin>` for `-`. */
  readonly file: string;
  readonly object: Record<string, unknown>;
  /** Where a field is in the file; the nearest parent's place when the field is not there. */
  readonly positionOf: (fieldPath: string) => Position;
  /** Where a place of the text is that is the field's value; the field's place where it is no text. */
  readonly positionWithin: (fieldPath: string, offset: number) => Position;
  /** A scalar as it is written there. */
  readonly sourceOf: (fieldPath: string) => string | undefined;
  /** Whether the text of the field has a parameter in it that has no value yet. */
  readonly isOpen: (fieldPath: string) => boolean;
}

/** What is wrong with a file or document before it is an object. */
export interface FileProblem extends Position {
  readonly file: string;
  readonly kind: YamlProblemKind;
  readonly message: string;
}

export interface ManifestSet {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly FileProblem[];
  /** What was left out, and why; for stderr. */
  readonly notes: readonly string[];
}

const OBJECT_REMEDY = 'write apiVersion, kind, metadata and spec';

/** Files that lie beside manifests and are none, by their names. */
const NEIGHBOURS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [
    /^kustomization\.ya?ml$/i,
    'a file of Kustomize (kubectl kustomize DIR | kubectl virt lint -f - checks what it makes)',
  ],
  [/^(values([-._].*)?|chart|requirements|helmfile)\.ya?ml$/i, 'a file of Helm'],
  [/^(docker-)?compose([-._].*)?\.ya?ml$/i, 'a file of Compose'],
  [/^(package(-lock)?|tsconfig|values\.schema)\.json$/i, 'no manifest'],
];

const neighbourOf = (file: string, { kind, apiVersion }: Record<string, unknown>): string | undefined => {
  if (kind !== undefined && apiVersion !== undefined) return undefined;
  return NEIGHBOURS.find(([pattern]) => pattern.test(basename(file)))?.[1];
};

const joined = (path: string, below: string): string => {
  if (path === '' || below === '') return path + below;
  return below.startsWith('[') ? path + below : `${path}.${below}`;
};

/** What one document of a file holds. */
const readDocument = (file: string, document: YamlDocument): ManifestSet => {
  const { value } = document;
  const { line } = document.positionOf('');
  const neighbour = isRecord(value) ? neighbourOf(file, value) : undefined;
  if (neighbour !== undefined) {
    return { manifests: [], problems: [], notes: [`${file}:${line}: not checked: this is ${neighbour}`] };
  }
  const { objects, wrong, missing } = unpack(value);
  return {
    manifests: objects.map(({ object, path, texts }) => {
      const written = (below: string) => document.sourceOf(joined(path, below));
      return {
        file,
        object,
        positionOf: (below) => document.positionOf(joined(path, below)),
        positionWithin: (below, offset) => document.positionWithin(joined(path, below), offset),
        sourceOf: (below) => (texts.isFilled(written(below) ?? '') ? undefined : written(below)),
        isOpen: (below) => texts.isOpen(written(below) ?? ''),
      };
    }),
    problems: wrong.map((path) => ({
      ...{ file, ...document.positionOf(path), kind: 'syntax' },
      message: `${path === '' ? 'the document' : path} is not an object: ${OBJECT_REMEDY}`,
    })),
    notes: missing.map(
      ({ path, parameters }) =>
        `${file}:${document.positionOf(path).line}: not checked: fields with ${parameters.join(', ')}, ` +
        'which must be given (oc process -p …) and has no value here',
    ),
  };
};

const together = (sets: readonly ManifestSet[]): ManifestSet => ({
  manifests: sets.flatMap(({ manifests }) => manifests),
  problems: sets.flatMap(({ problems }) => problems),
  notes: sets.flatMap(({ notes }) => notes),
});

/** Parses the documents of one file. Never throws: what is wrong becomes a problem. */
export const parseManifests = (file: string, text: string): ManifestSet => {
  const { documents, problems } = readYaml(text);
  const own: ManifestSet = { manifests: [], problems: problems.map((each) => ({ file, ...each })), notes: [] };
  return together([own, ...documents.map((document) => readDocument(file, document))]);
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
  const sets: ManifestSet[] = [];
  for (const file of named.flatMap((name) => (name === '-' ? [STDIN] : expandPath(name)))) {
    sets.push(parseManifests(file, await readText(io, file)));
  }
  const { manifests, problems, notes } = together(sets);
  if (manifests.length + problems.length + notes.length === 0) {
    throw new CliError(`there is no object in ${named.map((name) => (name === '-' ? STDIN : name)).join(', ')}`, {
      remedy: 'Name files that hold manifests (*.yaml, *.yml or *.json in a directory).',
      exitCode: ExitCode.usage,
    });
  }
  return { manifests, problems, notes };
};
