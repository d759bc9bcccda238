import type { DataVolumes } from '../context.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import type { DataVolumeTemplateSpec } from '../../api/schema/virtualmachine.js';
import type { EventType } from '../../kube/events.js';
import type { DataVolumeProvider } from './api.js';
import { letsStart, storageStatus, trouble } from './readiness.js';
import { isMadeAtOnce } from './template.js';

/** What there is of the DataVolumes that a VM's templates describe. */
export interface VmStorageView {
  provider: DataVolumeProvider;
  /** Those of its templates' names that exist, by name. */
  dataVolumes: ReadonlyMap<string, DataVolume>;
}

export interface VmStorage {
  /** Templates whose DataVolume has to be made now. */
  create: DataVolumeTemplateSpec[];
  /** Nothing keeps the VM's instance from being made. */
  ready: boolean;
  /** Why it never will be unless a user acts. */
  blocked?: { reason: string; message: string };
  /** For `status.printableStatus`. */
  status?: 'DataVolumeError' | 'Provisioning' | 'WaitingForVolumeBinding';
  events: { type: EventType; reason: string; message: string }[];
}

const INSTALL =
  'this cluster has no DataVolumes: install CDI, or apply manifests/data-volumes.yaml for the built-in importer (docs/data-volumes.md)';

/**
 * What the DataVolumes of a VM's templates mean for it (docs/reference/domain.md §9.13). Pure.
 * @param starting the VM is due to start, or its instance is there
 */
export const vmStorage = (vm: VirtualMachine, view: VmStorageView, starting: boolean): VmStorage => {
  const templates = vm.spec.dataVolumeTemplates ?? [];
  if (templates.length === 0) return { create: [], ready: true, events: [] };
  if (view.provider === 'unknown') return { create: [], ready: false, events: [] };
  if (view.provider === 'none') {
    return { create: [], ready: false, blocked: { reason: 'FailedDataVolumeCreate', message: INSTALL }, events: [] };
  }
  const found = templates.flatMap(({ metadata }) => view.dataVolumes.get(metadata?.name ?? '') ?? []);
  const missing = templates.filter(({ metadata }) => !view.dataVolumes.has(metadata?.name ?? ''));
  const create = starting || isMadeAtOnce(vm) ? missing : [];
  const ready = missing.length === 0 && found.every(letsStart);
  const status = storageStatus(found) ?? (create.length > 0 ? 'Provisioning' : undefined);
  return { create, ready, ...(status === undefined ? {} : { status }), events: failureEvents(vm, found, status) };
};

/** A failed import is reported once, when the VM's status first shows it. */
const failureEvents = (
  vm: VirtualMachine,
  dataVolumes: readonly DataVolume[],
  status: VmStorage['status'],
): VmStorage['events'] => {
  if (status !== 'DataVolumeError' || vm.status?.printableStatus === status) return [];
  return dataVolumes.flatMap((dataVolume) => {
    const why = trouble(dataVolume);
    const message = `DataVolume ${dataVolume.metadata?.name ?? ''}: ${why ?? ''}`;
    return why === undefined ? [] : [{ type: 'Warning' as const, reason: 'FailedDataVolumeImport', message }];
  });
};

/** What the cache shows of the DataVolumes that a VM's templates describe. */
export const storageViewOf = (
  dataVolumes: Pick<DataVolumes, 'provider' | 'get'>,
  { metadata, spec }: VirtualMachine,
): VmStorageView => {
  const found = (spec.dataVolumeTemplates ?? []).flatMap(({ metadata: { name = '' } = {} }) => {
    const dataVolume = dataVolumes.get(`${metadata?.namespace ?? ''}/${name}`);
    return dataVolume === undefined ? [] : [[name, dataVolume] as const];
  });
  return { provider: dataVolumes.provider, dataVolumes: new Map(found) };
};
