import { isRecord } from '../record.js';

/** A KubeVirt object in a file of settings is made in no cluster, so it needs no name. */
export const asSettings = <Value>(object: Value): Value => {
  if (!isRecord(object)) return object;
  const metadata = object.metadata ?? {};
  return isRecord(metadata) ? { ...object, metadata: { name: 'kubevirt', ...metadata } } : object;
};
