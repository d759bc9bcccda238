/** Scheme and authority of a target in absolute form, which every server must take (RFC 9112 §3.2.2). */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

/**
 * The path of a request's target as it was sent: nothing decoded, nothing resolved, without query and fragment.
 * Undefined for a target that has none (`*`, `host:port`, something else). Never throws: the target is whatever a
 * client sent, and `new URL` throws on `//`.
 */
export const requestPath = (target: string | undefined): string | undefined => {
  if (target === undefined) return undefined;
  const withoutOrigin = target.replace(ORIGIN, '');
  const [path = ''] = withoutOrigin.split(/[?#]/, 1);
  if (path === '') return withoutOrigin === target ? undefined : '/';
  return path.startsWith('/') ? path : undefined;
};

/** One segment of a path with its percent escapes decoded; undefined where they are malformed. Never throws. */
export const decodeSegment = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};
