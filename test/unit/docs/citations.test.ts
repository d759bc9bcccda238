import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WARNINGS } from '../../../src/admission/warnings/index.js';
import { mapCitations } from '../../../src/explain/source.js';
import { RULES } from '../../../src/validators/rules.js';

/*
 * Every citation leads somewhere: to a section of a page in docs/reference, which names its public source. Papers that
 * are not in the repository are not cited, and ids of statements of the pages stand in docs/traceability.tsv only.
 */

const REFERENCE = 'docs/reference';
const FOLDERS = ['bin', 'cmd', 'docs', 'images', 'manifests', 'scripts', 'src', 'test'];
const TEXT = /\.(?:ts|mts|mjs|cjs|js|md|sh|yaml|yml|xml|json)$/;
/** This file, which names what it forbids, and what is made from others' data. */
const NOT_OURS =
  /^(?:test\/unit\/docs\/citations\.test\.ts|test\/corpus\/[^/]*\.json|.*node_modules\/.*|manifests\/crds\/.*)$/;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).replaceAll('\\', '/'));

const FILES = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...FOLDERS.filter((folder) => existsSync(folder)).flatMap(filesBelow),
].filter((file) => !NOT_OURS.test(file));

const PAGES = filesBelow(REFERENCE).filter((file) => !file.endsWith('/README.md'));

/** Sections of each page of docs/reference, by its name without `.md`. */
const SECTIONS = new Map(
  PAGES.map((file) => [
    file.slice(REFERENCE.length + 1, -'.md'.length),
    new Set([...readFileSync(file, 'utf8').matchAll(/^#{2,4} (\d+(?:\.\d+)*) /gm)].map(([, section]) => section)),
  ]),
);
const isThere = (page: string, section?: string): boolean =>
  SECTIONS.has(page) && (section === undefined || SECTIONS.get(page)?.has(section) === true);

/** The text with the line ends of comments taken out, so that a citation that is broken over two lines is one. */
const unwrapped = (file: string): string =>
  readFileSync(file, 'utf8').replace(/\n[ \t]*(?:\*(?!\/)|\/\/|#)?[ \t]*/g, ' ');

const RUN = /(?<!docs\/)docs\/reference\/([a-z-]+)\.md((?:[ ,]*(?:and |to |[–-])?§?\d+(?:\.\d+)*(?: \([^)§]*\))?)*)/g;
const LINK = /\breference\/([a-z-]+)\.md#(\d+(?:\.\d+)*)/g;

/** Standards that are cited by section. */
const STANDARD = /(?:RFC \d+|X\.690|DSP0134|XML 1\.0) §\d+(?:\.\d+)*/g;
/** Where a section needs no page: sources of rules, which name it when they are read; and what is about citations. */
const BARE_ALLOWED = /^(?:src\/validators\/|src\/explain\/source\.ts|test\/unit\/explain\/source\.test\.ts|docs\/)/;

interface Cited {
  readonly file: string;
  readonly page: string;
  readonly section?: string;
}

const citationsOf = (file: string): Cited[] => {
  const text = unwrapped(file);
  const runs = [...text.matchAll(RUN)].flatMap(([, page = '', run = '']) => {
    const sections = run.includes('§')
      ? [...run.matchAll(/(?:§|[–-])(\d+(?:\.\d+)*)/g)].map(([, one]) => one ?? '')
      : [];
    return sections.length === 0 ? [{ file, page }] : sections.map((section) => ({ file, page, section }));
  });
  const links = [...text.matchAll(LINK)].map(([, page = '', section = '']) => ({ file, page, section }));
  return [...runs, ...links];
};

const FORBIDDEN: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a paper outside the repository', /\bspec\/[a-z-]+\.(?:md|tsv)\b|\bspec\/`/],
  ['the design page', /\bdesign(?:\.md)? §/],
  ['research', /\bresearch(?:\.md)? §/],
  ['seeds', /\b[Ss]eeds? 0\d\d\b|\bseeds\/0/],
  ['the id of a statement, which belongs in docs/traceability.tsv', /\b[DSV]-\d{3}\b/],
  ['an issue of ours', /\bissue \d+\b(?! of)/],
];

describe('citations', () => {
  const cited = FILES.flatMap(citationsOf);

  it('are found: by the hundred, and on each page of docs/reference', () => {
    assert.ok(cited.length > 400, String(cited.length));
    for (const page of SECTIONS.keys())
      assert.ok(
        cited.some((one) => one.page === page),
        `nothing cites ${page}: take the page out`,
      );
  });

  it('each lead to a section that is there', () => {
    assert.deepEqual(
      cited.filter(({ page, section }) => !isThere(page, section)),
      [],
    );
  });

  it('name their page', () => {
    const bare = FILES.filter((file) => !BARE_ALLOWED.test(file)).flatMap((file) =>
      [
        ...unwrapped(file)
          .replace(RUN, '')
          .replace(STANDARD, '')
          .matchAll(/.{0,60}§.{0,20}/g),
      ].map(([text]) => `${file}: ${text}`),
    );
    assert.deepEqual(bare, []);
  });

  it('of rules and warnings do, too, and name their page', () => {
    const broken = [...RULES, ...WARNINGS].flatMap(({ id, source }) => {
      const missing: string[] = [];
      const rest = mapCitations(source, ({ page, section }) => {
        if (!isThere(page, section)) missing.push(`${id}: ${page} §${section ?? ''}`);
        return '';
      });
      return rest.includes('§') ? [...missing, `${id}: a section of no page in "${source}"`] : missing;
    });
    assert.deepEqual(broken, []);
  });

  for (const [what, pattern] of FORBIDDEN)
    it(`never name ${what}`, () => {
      const found = FILES.flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
      );
      assert.deepEqual(found, []);
    });
});

describe('docs/reference', () => {
  for (const file of PAGES) {
    const text = readFileSync(file, 'utf8');
    it(`${file}: each section has its number as anchor, and no number twice`, () => {
      const headings = [...text.matchAll(/(?:<a id="([\d.]+)"><\/a>\n\n)?#{2,4} (\d+(?:\.\d+)*) /g)];
      for (const [, anchor, section] of headings) assert.equal(anchor, section);
      const numbers = headings.map(([, , section]) => section);
      assert.deepEqual(numbers, [...new Set(numbers)]);
    });
    it(`${file}: names a public source, and its own references resolve`, () => {
      assert.match(text, /[Pp]ublic source/);
      const page = file.slice(REFERENCE.length + 1, -'.md'.length);
      const own = [...text.matchAll(/(?:\[[a-z-]+\.md\]\(([a-z-]+)\.md\) )?§(\d+(?:\.\d+)*)/g)]
        .map(([, other, section = '']) => ({ page: other ?? page, section }))
        .filter((one) => !isThere(one.page, one.section));
      assert.deepEqual(own, []);
    });
  }
});
