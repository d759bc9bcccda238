import type { InstancetypeKind } from '../api/instancetype/instancetype-kinds.js';
import type { ObjectMeta } from '../api/schema/meta.js';

/** An instance type or preference as it is stored: its spec has any shape until it was read. */
export interface StoredObject {
  readonly metadata?: ObjectMeta | undefined;
  readonly spec?: unknown;
}

/** A ControllerRevision of group apps. */
export interface Revision {
  readonly metadata?: ObjectMeta | undefined;
  readonly data?: unknown;
}

export type VolumeKind = 'PersistentVolumeClaim' | 'DataVolume';

/** What inference reads of a volume's object. */
export interface VolumeFacts {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a DataVolume: the claim that it copies. */
  readonly copies?: { readonly namespace: string; readonly name: string } | undefined;
  /** Of a DataVolume: it comes from what has labels that are not looked at: a snapshot or a DataSource. */
  readonly from?: 'a VolumeSnapshot' | 'a DataSource' | undefined;
}

/**
 * Where the objects are looked up that a VM names: the watches of a program, or manifest files. No call to anybody: it
 * answers at once.
 */
export interface InstancetypeSource {
  readonly object: (kind: InstancetypeKind, namespace: string, name: string) => StoredObject | undefined;
  readonly revision: (namespace: string, name: string) => Revision | undefined;
  readonly volume: (kind: VolumeKind, namespace: string, name: string) => VolumeFacts | undefined;
  /** Whether what is not found is not there. Of files nobody knows. */
  readonly isComplete: boolean;
}

/** Of a cluster without any: a VM that names one is as large as one that is yet to be found. */
export const emptySource: InstancetypeSource = {
  object: () => undefined,
  revision: () => undefined,
  volume: () => undefined,
  isComplete: true,
};
