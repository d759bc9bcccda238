import { h, type ComponentChild } from 'preact';
import { samples, usageProblem } from './live.js';
import { GRAPHS, type GraphDefinition, type Series } from './series.js';
import { useValue } from './state.js';

const WIDTH = 600;
const HEIGHT = 150;
/** What a graph shows: ten minutes. */
const SPAN_MS = 600_000;

const path = (points: Series['points'], end: number, most: number): string =>
  points
    .map(([at, value]) => {
      const x = WIDTH - ((end - at) / SPAN_MS) * WIDTH;
      const y = HEIGHT - (value / most) * (HEIGHT - 4) - 2;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');

const lastOf = ({ points }: Series): number | undefined => points.at(-1)?.[1];

const Graph = ({
  title,
  format,
  series,
}: Omit<GraphDefinition, 'series'> & { series: readonly Series[] }): ComponentChild => {
  const all = series.flatMap(({ points }) => points);
  const most = Math.max(...all.map(([, value]) => value), Number.MIN_VALUE);
  const end = Math.max(...all.map(([at]) => at), 0);
  const said = series.map((each) => {
    const last = lastOf(each);
    return `${each.name} ${last === undefined ? 'not known yet' : format(last)}`;
  });
  return h(
    'figure',
    null,
    h(
      'figcaption',
      null,
      h('strong', null, title),
      said.map((text, index) => h('span', { key: text, class: `line-${index}` }, text)),
    ),
    h(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: 'img',
        'aria-label': `${title}: ${said.join(', ')}`,
        preserveAspectRatio: 'none',
      },
      series.map(({ name, points }, index) =>
        h('polyline', { key: name, class: `line-${index}`, points: path(points, end, most) }),
      ),
    ),
    h('p', { class: 'scale' }, all.length === 0 ? '' : `Top: ${format(most)}; the last ten minutes`),
  );
};

/** What a VM uses, since the page looks at it. */
export const Graphs = ({ runs }: { readonly runs: boolean }): ComponentChild => {
  const seen = useValue(samples);
  const wrong = useValue(usageProblem);
  if (!runs) return h('p', { role: 'status' }, 'The VM does not run, so it uses nothing.');
  return h(
    'div',
    null,
    wrong === undefined ? null : h('p', { class: 'notice wrong' }, wrong),
    seen.length === 0 && wrong === undefined ? h('p', { role: 'status' }, 'Measuring …') : null,
    h(
      'div',
      { class: 'graphs' },
      GRAPHS.map(({ title, format, series }) => h(Graph, { key: title, title, format, series: series(seen) })),
    ),
  );
};
