/** What a program says of itself at `/metrics`, which Prometheus' text format writes. */

/** All series of the page by name and labels, as they are written: `name{a="b"}`. */
const parseMetrics = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const end = line.lastIndexOf(' ');
        return [line.slice(0, end), Number(line.slice(end + 1))];
      }),
  );

export const scrape = async (address: string): Promise<ReadonlyMap<string, number>> =>
  parseMetrics(await (await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(30_000) })).text());
