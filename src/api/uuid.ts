const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const DIGITS = /^[\da-f]{32}$/i;

/** Whether the text is a UUID in its usual form, of any version, in capitals or not. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** All zeros or all ones: both mean to a guest that its machine has no UUID (DMTF DSP0134 §7.2.1). */
export const standsForNoUuid = (text: string): boolean => /^(?:[0-]+|[f-]+)$/i.test(text);

/**
 * The usual form of a UUID that is written without hyphens, in braces or as a URN; undefined where the text is none.
 */
export const canonicalUuid = (text: string): string | undefined => {
  const digits = text
    .trim()
    .replace(/^urn:uuid:/i, '')
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '')
    .toLowerCase();
  return DIGITS.test(digits) ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : undefined;
};
