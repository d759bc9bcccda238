import type { ApiClient } from '../client/client.js';
import { ApiStatusError } from '../client/status.js';
import { isCliError } from '../errors.js';

/** What reading an object brought. */
export type Read<Content> =
  | { readonly is: 'there'; readonly content: Content }
  | { readonly is: 'missing' }
  | { readonly is: 'hidden' }
  | { readonly is: 'failed'; readonly message: string };

/** What the server answered instead, to end a message with. */
export const becauseOf = (read: Read<unknown>): string => (read.is === 'failed' ? `: ${read.message}` : '');

/** Objects of a list that are looked at; a cluster with more nodes or classes is judged by so many. */
const MOST = 500;

/**
 * Reads what the doctor looks at, each once, and keeps it for the bundle. What may not be read, and what is answered
 * with an error, is a finding and ends nothing.
 */
export class Reader {
  /** By path, as the server sent it. */
  readonly seen = new Map<string, unknown>();
  readonly hidden = new Set<string>();

  /** Something was answered: what is not answered from here on is a finding. */
  #reached = false;

  constructor(readonly client: ApiClient) {}

  /** @throws CliError where the API server cannot be reached, or does not know who asks */
  async get<Content>(path: string, accept?: string): Promise<Read<Content>> {
    if (this.seen.has(path)) return { is: 'there', content: this.seen.get(path) as Content };
    try {
      const content = await this.client.get<Content>(path, accept);
      this.seen.set(path, content);
      this.#reached = true;
      return { is: 'there', content };
    } catch (error) {
      if (!isCliError(error) || (error instanceof ApiStatusError && error.code === 401)) throw error;
      if (!(error instanceof ApiStatusError)) {
        if (!this.#reached) throw error;
        return { is: 'failed', message: error.message };
      }
      this.#reached = true;
      if (error.code === 404) return { is: 'missing' };
      if (error.code !== 403) return { is: 'failed', message: error.message };
      this.hidden.add(path);
      return { is: 'hidden' };
    }
  }

  async list<Item>(path: string): Promise<Read<readonly Item[]>> {
    const read = await this.get<{ items?: readonly Item[] }>(`${path}${path.includes('?') ? '&' : '?'}limit=${MOST}`);
    return read.is === 'there' ? { is: 'there', content: read.content.items ?? [] } : read;
  }
}
