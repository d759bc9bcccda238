import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/*
 * What a file exports is for another one. By words, not by types: a name that no other file mentions is exported in
 * vain for sure, and a second of reading finds it.
 */

const root = join(import.meta.dirname, '../..');
/** A library's surface is for those who use it; the schemas name what KubeVirt's API names. */
const FOR_OTHERS = ['src/libvirt/', 'src/api/schema/'];

const sources = (directory: string): string[] =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.m?ts$/.test(file) && !file.includes('node_modules'))
    .map((file) => join(directory, file));

const files = new Map(
  ['src', 'cmd', 'scripts', 'test'].flatMap(sources).map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);

/** Which files mention a word. */
const mentions = new Map<string, Set<string>>();
for (const [file, text] of files) {
  for (const word of new Set(text.match(/[A-Za-z_$][\w$]*/g))) {
    mentions.set(word, (mentions.get(word) ?? new Set()).add(file));
  }
}

const EXPORT = /^export (?:async )?(const|function\*?|class|interface|type) (\w+)/gm;

/** Names that a file exports and no other one mentions. A type may be exported beside the function that takes it. */
const inVain = (file: string, text: string): string[] =>
  [...text.matchAll(EXPORT)].flatMap(([, kind = '', name = '']) => {
    const others = [...(mentions.get(name) ?? [])].filter((other) => other !== file);
    const own = text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0;
    const type = kind === 'interface' || kind === 'type';
    return others.length > 0 || (type && own > 1) ? [] : [`${relative(root, join(root, file))}: ${name}`];
  });

describe('exports', () => {
  it('are used by another file', () => {
    const product = [...files].filter(([file]) => /^(src|cmd)\//.test(file));
    const vain = product
      .filter(([file]) => !FOR_OTHERS.some((place) => file.startsWith(place)))
      .flatMap(([file, text]) => inVain(file, text));
    assert.deepEqual(vain, [], 'take the word "export" away, or the whole thing');
  });
});
