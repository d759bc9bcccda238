import { isTrue } from '../../api/vmi/condition.js';
import type { Condition } from '../../api/vmi/condition.js';
import { BUILT_IN_LABEL, CDI_LABELS, CDI_VERSION, DATA_VOLUME_CRD } from '../../api/data-volume/data-volume.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import { Informer, type InformerOptions } from '../../kube/watch/informer.js';
import { crdPath, dataVolumePath } from '../../kube/client/resources.js';
import type { KubernetesObject } from '../../kube/types.js';

/**
 * Who serves DataVolumes in this cluster: nobody, CDI, our own importer, or (`unknown`) it is not known yet. CDI's are
 * made for VMs and looked at, and everything else about them is CDI's.
 */
export type DataVolumeProvider = 'unknown' | 'none' | 'built-in' | 'cdi';

export interface CustomResourceDefinition extends KubernetesObject {
  spec?: { versions?: { name: string; served?: boolean }[] };
  status?: { conditions?: Condition[] };
}

/**
 * What a CustomResourceDefinition of DataVolumes says about its provider. One with a label of CDI belongs to CDI,
 * whatever else it has.
 */
export const providerOf = (crd: CustomResourceDefinition | undefined): 'none' | 'built-in' | 'cdi' => {
  const served = crd?.spec?.versions?.some(({ name, served: is }) => name === CDI_VERSION && is === true) === true;
  if (!served || !isTrue(crd.status?.conditions, 'Established') || crd.metadata?.deletionTimestamp) return 'none';
  const labels = crd.metadata?.labels ?? {};
  const ours = Object.hasOwn(labels, BUILT_IN_LABEL) && !CDI_LABELS.some((label) => Object.hasOwn(labels, label));
  return ours ? 'built-in' : 'cdi';
};

type Make = <T extends KubernetesObject>(options: InformerOptions<T>) => Informer<T>;

export interface DataVolumeApiOptions {
  make: Make;
  /** A DataVolume came, changed or went. */
  changed: (dataVolume: DataVolume) => void;
  gone: (dataVolume: DataVolume) => void;
  /** Another provider serves DataVolumes from now on, or all of them have been listed. */
  providerChanged: () => void;
}

/**
 * DataVolumes as they are in the cluster. The API may come and go while we run (an administrator installs CDI, or our
 * definition), so its watch begins and ends with the definition.
 */
export class DataVolumeApi {
  private readonly definitions: Informer<CustomResourceDefinition>;
  private dataVolumes: Informer<DataVolume> | undefined;

  constructor(private readonly options: DataVolumeApiOptions) {
    this.definitions = options.make<CustomResourceDefinition>({
      path: crdPath(),
      fieldSelector: `metadata.name=${DATA_VOLUME_CRD}`,
      transform: ({ metadata, spec, status }) => ({
        metadata,
        spec: { versions: spec?.versions?.map(({ name, served }) => ({ name, ...(served ? { served } : {}) })) ?? [] },
        ...(status?.conditions === undefined ? {} : { status: { conditions: status.conditions } }),
      }),
    });
    const look = (): void => this.look();
    this.definitions.on('add', look);
    this.definitions.on('update', look);
    this.definitions.on('delete', look);
  }

  get provider(): DataVolumeProvider {
    if (!this.definitions.hasSynced) return 'unknown';
    const provider = providerOf(this.definitions.get(DATA_VOLUME_CRD));
    return provider === 'none' || this.dataVolumes?.hasSynced === true ? provider : 'unknown';
  }

  get(key: string): DataVolume | undefined {
    return this.dataVolumes?.get(key);
  }

  list(namespace?: string): DataVolume[] {
    return this.dataVolumes?.list(namespace) ?? [];
  }

  /** Resolves when it is known who serves DataVolumes, and which there are. */
  async start(): Promise<void> {
    this.definitions.start();
    await this.definitions.synced;
    await this.dataVolumes?.synced;
  }

  async stop(): Promise<void> {
    await Promise.all([this.definitions.stop(), this.dataVolumes?.stop()]);
  }

  /** Why it is not ready, or undefined. */
  get problem(): string | undefined {
    return this.definitions.hasSynced ? undefined : (this.definitions.lastError ?? 'listing');
  }

  private look(): void {
    const served = providerOf(this.definitions.get(DATA_VOLUME_CRD)) !== 'none';
    if (served && this.dataVolumes === undefined) this.begin();
    if (!served && this.dataVolumes !== undefined) {
      void this.dataVolumes.stop();
      this.dataVolumes = undefined;
    }
    this.options.providerChanged();
  }

  private begin(): void {
    const informer = this.options.make<DataVolume>({ path: dataVolumePath() });
    const changed = (dataVolume: DataVolume): void => {
      if (this.dataVolumes === informer) this.options.changed(dataVolume);
    };
    informer.on('add', changed);
    informer.on('update', changed);
    informer.on('delete', changed);
    informer.on('delete', this.options.gone);
    this.dataVolumes = informer;
    informer.start();
    void informer.synced.then(() => {
      if (this.dataVolumes === informer) this.options.providerChanged();
    });
  }
}
