import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { CliError } from '../../errors.js';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
};

export interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

/** Beside the bundle, or where `npm run build` puts them when the plugin runs from its sources. */
const PLACES = [new URL('ui/', import.meta.url), new URL('../../../../dist/ui/', import.meta.url)];

export const INDEX = 'index.html';
/** In the index, where the nonce of an answer goes. */
export const NONCE = '@NONCE@';

/** The page's files by their names, all in memory: no path of a request ever reaches the disk. @throws CliError */
export const readAssets = (): ReadonlyMap<string, Asset> => {
  const place = PLACES.find((each) => existsSync(new URL(INDEX, each)));
  if (place === undefined)
    throw new CliError('the files of the page are missing', {
      remedy: 'They lie in ui/ beside the plugin: install it again, or run npm run build.',
    });
  return new Map(
    readdirSync(place).flatMap((name): [string, Asset][] => {
      const type = TYPES[name.replace(/^.*\./, '')];
      return type === undefined ? [] : [[name, { type, content: readFileSync(new URL(name, place)) }]];
    }),
  );
};
