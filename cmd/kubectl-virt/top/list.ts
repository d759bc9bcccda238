import type { ApiClient } from '../client/client.js';

/** One page; more are asked for with `continue`. */
const PAGE = 500;

interface Page<Item> {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly Item[];
}

/** All objects of a list, page by page. */
export const listAll = async <Item>(
  client: Pick<ApiClient, 'get'>,
  path: string,
  selector?: string,
): Promise<Item[]> => {
  const items: Item[] = [];
  let more = '';
  do {
    const query = new URLSearchParams({
      limit: String(PAGE),
      ...(selector === undefined ? {} : { labelSelector: selector }),
      ...(more === '' ? {} : { continue: more }),
    });
    const page = await client.get<Page<Item>>(`${path}?${query.toString()}`);
    items.push(...(page.items ?? []));
    more = page.metadata?.continue ?? '';
  } while (more !== '');
  return items;
};

/** Runs a few at a time, in order; the results are in the order of the items. */
export const inParallel = async <Item, Result>(
  items: readonly Item[],
  width: number,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  return results;
};
