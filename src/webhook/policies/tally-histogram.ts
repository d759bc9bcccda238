import {
  Histogram,
  type HistogramConfiguration,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';

/*
 * A histogram that is counted in plain numbers, which the registry gets when it is asked: an observation of its own
 * kind hashes its labels each time.
 */

/** What was observed of one thing. */
export class Tally {
  /** By bucket, the last for what is above all of them; not summed up. */
  readonly counts: number[];
  sum = 0;

  constructor(private readonly buckets: readonly number[]) {
    this.counts = new Array<number>(buckets.length + 1).fill(0);
  }

  add(value: number): void {
    let bucket = 0;
    while (bucket < this.buckets.length && value > (this.buckets[bucket] ?? Infinity)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

interface Tallied<T extends string> {
  readonly labels: Readonly<Record<T, string>>;
  readonly tally: Tally;
}

export class TallyHistogram<T extends string> extends Histogram<T> {
  /** Says of itself all but the values. */
  private readonly plain: Histogram<T>;

  constructor(
    private readonly configuration: HistogramConfiguration<T> & { readonly buckets: readonly number[] },
    private readonly tallied: () => Iterable<Tallied<T>>,
  ) {
    super(configuration);
    this.plain = new Histogram({ ...configuration, registers: [] });
  }

  override get(): Promise<MetricObjectWithValues<MetricValueWithName<T>>> {
    return this.getForPromString();
  }

  /** What the registry asks; `get` is for those who read a metric by itself. */
  async getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<T>>> {
    return { ...(await this.plain.get()), values: Array.from(this.tallied(), (one) => this.valuesOf(one)).flat() };
  }

  private valuesOf({ labels, tally }: Tallied<T>): MetricValueWithName<T>[] {
    const { name, buckets } = this.configuration;
    let count = 0;
    const values = tally.counts.map((own, i): MetricValueWithName<T> => {
      count += own;
      const bound = buckets[i];
      return { metricName: `${name}_bucket`, labels: { le: bound ?? '+Inf', ...labels }, value: count };
    });
    return [
      ...values,
      { metricName: `${name}_sum`, labels, value: tally.sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
