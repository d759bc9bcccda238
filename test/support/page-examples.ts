import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const DIRECTORY = fileURLToPath(new URL('../../manifests/examples', import.meta.url));
const MARK = '# From the page "Disks and Volumes"';

/**
 * An example of KubeVirt's page on disks and volumes (docs/reference/user-guides.md §3), as it lies in
 * manifests/examples.
 */
export interface PageExample {
  /** Below manifests/examples. */
  readonly file: string;
  readonly object: Readonly<Record<string, unknown>> & { readonly kind: string };
  /** Those that its comment names. */
  readonly featureGates: readonly string[];
  /** Of those that are refused on purpose: what its comment promises. */
  readonly refused?: { readonly rule: string; readonly field: string; readonly message: string };
}

/** The comment's lines without their marks. */
const commentOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .slice(
      0,
      text.split('\n').findIndex((line) => !line.startsWith('#')),
    )
    .map((line) => line.slice(1));

const read = (file: string): PageExample[] => {
  const text = readFileSync(path.join(DIRECTORY, file), 'utf8');
  if (!text.startsWith(MARK)) return [];
  const comment = commentOf(text);
  const featureGates = [...comment.join(' ').matchAll(/feature gate (\w+)/g)].map(([, gate = '']) => gate);
  const example: PageExample = { file, object: parse(text) as PageExample['object'], featureGates };
  const at = comment.findIndex((line) => line.startsWith(' Refused on purpose'));
  if (at < 0) return [example];
  const [, rule = ''] = /by the rule (\S+):$/.exec(comment[at] ?? '') ?? [];
  const [, field = '', message = ''] = /^ {3}(spec\.\S+): (.+)$/.exec(comment[at + 1] ?? '') ?? [];
  return [{ ...example, refused: { rule, field, message } }];
};

/** All of them, in the order of their names. */
export const pageExamples = (): readonly PageExample[] =>
  readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap(read);

/** The manifests of manifests/examples that are our own, as paths. */
export const ownExamples = (): readonly string[] =>
  readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.yaml') && read(file).length === 0)
    .map((file) => path.join(DIRECTORY, file));
