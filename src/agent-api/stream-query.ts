import { badRequest } from './status-error.js';

/** What the query of a request for a stream says, by its words. */
export type StreamQuery = Readonly<Record<string, boolean>>;

/** The longest that means something has some twenty characters. */
const MAX_LENGTH = 1024;

/**
 * Reads the words that a stream knows out of a request's target; others are ignored, as Kubernetes does.
 * @throws StatusError 400 for a value that is neither true nor false
 */
export const readStreamQuery = (target: string | undefined, words: readonly string[] = []): StreamQuery => {
  const text = /^[^?#]*\?([^#]*)/.exec(target ?? '')?.[1] ?? '';
  if (words.length === 0 || text === '') return {};
  if (text.length > MAX_LENGTH)
    throw badRequest(`the query has ${text.length} characters, at most ${MAX_LENGTH} are read`);
  const query = new URLSearchParams(text);
  return Object.fromEntries(
    words.flatMap((word) => {
      const value = query.get(word);
      if (value === null || value === '') return [];
      if (value !== 'true' && value !== 'false')
        throw badRequest(`${word}=${JSON.stringify(value.slice(0, 40))}: write ${word}=true or ${word}=false`);
      return [[word, value === 'true']];
    }),
  );
};

/** The same as the end of a path; empty where it says nothing. */
export const writeStreamQuery = (query: StreamQuery): string => {
  const text = Object.entries(query).map(([word, value]) => `${word}=${value}`);
  return text.length === 0 ? '' : `?${text.join('&')}`;
};
