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

const BUCKET = /^kubevirt_event_loop_lateness_seconds_bucket\{le="([^"]+)"\}$/;

/**
 * In how many seconds the loop was late by at most so much: `0.1 s: 50, 0.25 s: 8 …`, of the time between two looks.
 */
export const latenessBetween = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string => {
  let below = 0;
  return [...after]
    .flatMap(([name, value]) => {
      const bound = BUCKET.exec(name)?.[1];
      return bound === undefined ? [] : [[bound, value - (before.get(name) ?? 0)] as const];
    })
    .map(([bound, count]) => {
      const own = count - below;
      below = count;
      return [bound, own] as const;
    })
    .filter(([, count]) => count > 0)
    .map(([bound, count]) => `≤${bound} s: ${count}`)
    .join(', ');
};
