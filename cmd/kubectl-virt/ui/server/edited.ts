import { isRecord } from '../../../../src/api/record.js';

/** Of metadata what a manifest to edit shows: what is not in its text any more has been taken out of it. */
const SHOWN = ['name', 'namespace', 'labels', 'annotations', 'resourceVersion'] as const;

type Metadata = Readonly<Record<string, unknown>>;

const shownOf = (metadata: Metadata): Record<string, unknown> =>
  Object.fromEntries(SHOWN.flatMap((key) => (metadata[key] === undefined ? [] : [[key, metadata[key]]])));

/** As much of an object's metadata as a manifest to edit has. */
export const shownMetadata = (metadata: object): Record<string, unknown> => shownOf({ ...metadata });

/**
 * The metadata to write: that of the text, and what the text does not show as the object has it. The API server takes
 * what a PUT leaves out for taken away: finalizers, and the owners whose end is the object's own. Both are of one
 * version, or the server refuses the PUT for the one of the text.
 */
export const writtenMetadata = (text: Metadata, live: unknown): Record<string, unknown> => {
  // The server keeps who manages which field by itself.
  const seen = new Set<string>([...SHOWN, 'managedFields']);
  const unseen = Object.entries(isRecord(live) ? live : {}).filter(([key]) => !seen.has(key));
  return { ...Object.fromEntries(unseen), ...text };
};
