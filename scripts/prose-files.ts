import { execFileSync } from 'node:child_process';
import { wrapComments, wrapMarkdown } from './prose.js';

/** Pages that `npm run generate` makes: their lines are their tables' and their generators'. */
const GENERATED = /^docs\/(?:rules|defaults|differences|warnings|commands|errors|settings|metrics)\.md$|CHANGELOG\.md$/;

/** Every file of the repository with prose, and what wraps it. */
export const proseFiles = (): { readonly path: string; readonly wrap: typeof wrapMarkdown }[] =>
  execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
    .split('\0')
    .flatMap((path) => {
      if (path.endsWith('.md') && !GENERATED.test(path)) return [{ path, wrap: wrapMarkdown }];
      return /\.(?:ts|mjs|js)$/.test(path) ? [{ path, wrap: wrapComments }] : [];
    });
