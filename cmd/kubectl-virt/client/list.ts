import type { ApiClient } from './client.js';

/** One page; more are asked for with `continue`. */
const PAGE = 500;

interface Page<Item> {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly Item[];
}

/** What of the objects is asked for, where it is not all of them. */
export const METADATA_ALONE = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

export interface Choice {
  readonly selector?: string | undefined;
  /** What the server is to make of the list: {@link METADATA_ALONE}, or a table. */
  readonly accept?: string | undefined;
}

/** The objects of a list, a page at a time: the server and we hold no more than one. */
export const pagesOf = async function* <Item>(
  client: Pick<ApiClient, 'get'>,
  path: string,
  { selector, accept }: Choice = {},
): AsyncGenerator<readonly Item[]> {
  let more = '';
  do {
    const query = new URLSearchParams({
      limit: String(PAGE),
      ...(selector === undefined ? {} : { labelSelector: selector }),
      ...(more === '' ? {} : { continue: more }),
    });
    const page = await client.get<Page<Item>>(`${path}?${query.toString()}`, accept);
    yield page.items ?? [];
    more = page.metadata?.continue ?? '';
  } while (more !== '');
};

/** All objects of a list. */
export const listAll = async <Item>(
  client: Pick<ApiClient, 'get'>,
  path: string,
  choice: Choice = {},
): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const page of pagesOf<Item>(client, path, choice)) items.push(...page);
  return items;
};

/** Runs a few at a time, in order; the results are in the order of the items. */
export const inParallel = async <Item, Result>(
  items: readonly Item[],
  width: number,
  run: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await run(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  return results;
};
