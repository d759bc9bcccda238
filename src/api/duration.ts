/** Milliseconds of each of Go's units that a duration of the API is written in. */
const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};
const PART = /(\d{1,9}(?:\.\d{1,9})?)(h|ms|m|s|us|µs|ns)/g;
const WHOLE = /^(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s|us|µs|ns)){1,8}$/;

/** A metav1.Duration, such as `5m0s`, in milliseconds; undefined for what is none, or negative. */
export const durationMs = (text: string): number | undefined => {
  if (text === '0') return 0;
  if (!WHOLE.test(text)) return undefined;
  return [...text.matchAll(PART)].reduce(
    (sum, [, amount = '', unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0),
    0,
  );
};
