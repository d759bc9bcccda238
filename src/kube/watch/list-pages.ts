import { isGone } from '../client/api-error.js';
import type { KubeClient, RequestOptions } from '../client/client.js';
import type { KubernetesList } from '../types.js';

const PAGE_MS = 60_000;

export interface Listed<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

export interface PagesOptions<T> {
  readonly path: string;
  readonly query: RequestOptions['query'];
  /** Objects of one page; undefined: all at once. */
  readonly pageSize: number | undefined;
  readonly signal: AbortSignal;
  /** What is kept of each object, page by page: at no time are more whole objects here than a page has. */
  readonly keep: (object: T) => T;
}

/** A whole list, read in pages of one version. @throws what a page's request throws, or that it was stopped */
export const listPages = async <T>(client: Pick<KubeClient, 'list'>, options: PagesOptions<T>): Promise<Listed<T>> => {
  const { path, query, pageSize: limit, signal, keep } = options;
  const items: T[] = [];
  let next: string | undefined;
  do {
    let page: KubernetesList<T>;
    try {
      page = await client.list<T>(path, { query: { ...query, limit, continue: next }, signal, timeoutMs: PAGE_MS });
    } catch (error) {
      // The continue token outlived etcd's compaction: one unpaged list is consistent by itself.
      if (isGone(error) && next !== undefined) return listPages(client, { ...options, pageSize: undefined });
      throw error;
    }
    for (const item of page.items) items.push(keep(item));
    next = page.metadata?.continue ?? undefined;
    if (!next) return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
  } while (!signal.aborted);
  throw new Error('the informer was stopped while listing');
};
