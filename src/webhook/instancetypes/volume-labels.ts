import { CDI_GROUP, CDI_VERSION } from '../../api/data-volume/data-volume.js';
import { INFER_LABELS } from '../../api/instancetype/instancetype-kinds.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import { volumeFacts } from '../../instancetypes/infer.js';
import type { VolumeFacts, VolumeKind } from '../../instancetypes/source.js';
import type { KubeClient } from '../../kube/client/client.js';
import { ifFound } from '../../kube/client/if-found.js';
import { dataVolumePath, groupVersionPath, pvcPath } from '../../kube/client/resources.js';
import { type Clock, sleep } from '../../kube/clock.js';
import type { KubernetesObject } from '../../kube/types.js';
import { Informer, type InformerOptions } from '../../kube/watch/informer.js';

interface Labelled extends KubernetesObject {
  readonly facts: VolumeFacts;
}

export interface VolumeLabelsOptions extends Pick<InformerOptions<KubernetesObject>, 'log' | 'metrics'> {
  readonly clock: Clock;
}

/** How often it is looked whether DataVolumes are served meanwhile. */
const LOOK_AGAIN_MS = 10_000;

const KEYS: readonly string[] = Object.values(INFER_LABELS).flatMap(({ name, kind }) => [name, kind]);

/** Of all labels those that are looked at. */
const inferLabels = ({ metadata }: KubernetesObject): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata?.labels ?? {}).filter(([key]) => KEYS.includes(key)));

const keyOf = ({ metadata }: KubernetesObject): Pick<KubernetesObject, 'metadata'> => ({
  metadata: { name: metadata?.name, namespace: metadata?.namespace, resourceVersion: metadata?.resourceVersion },
});

/** What claims and DataVolumes say by their labels of the guests that they are for, kept current by watches. */
export class VolumeLabels {
  private readonly claims: Informer<Labelled>;
  private readonly dataVolumes: Informer<Labelled>;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private isServed = false;

  constructor(
    private readonly client: Pick<KubeClient, 'get' | 'list' | 'watch'>,
    private readonly options: VolumeLabelsOptions,
  ) {
    this.claims = new Informer<Labelled>(client, {
      ...options,
      path: pvcPath(),
      transform: (claim) => ({ ...keyOf(claim), facts: { labels: inferLabels(claim) } }),
    });
    this.dataVolumes = new Informer<Labelled>(client, {
      ...options,
      path: dataVolumePath(),
      transform: (object) => {
        const { spec } = object as unknown as DataVolume;
        return { ...keyOf(object), facts: volumeFacts(inferLabels(object), spec, object.metadata?.namespace ?? '') };
      },
    });
  }

  readonly volume = (kind: VolumeKind, namespace: string, name: string): VolumeFacts | undefined =>
    (kind === 'PersistentVolumeClaim' ? this.claims : this.dataVolumes).get(`${namespace}/${name}`)?.facts;

  /** Claims are known, and DataVolumes where they are served as far as is known. */
  get hasSynced(): boolean {
    return this.claims.hasSynced && (!this.isServed || this.dataVolumes.hasSynced);
  }

  start(): void {
    this.claims.start();
    this.running ??= this.waitForDataVolumes();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.all([this.claims.stop(), this.dataVolumes.stop()]);
  }

  /** Many clusters have neither CDI nor the built-in importer. */
  private async waitForDataVolumes(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && !this.isServed) {
      const found = await ifFound(this.client.get(groupVersionPath(CDI_GROUP, CDI_VERSION))).catch(() => undefined);
      this.isServed = found !== undefined;
      if (this.isServed) this.dataVolumes.start();
      else await sleep(this.options.clock, LOOK_AGAIN_MS, signal);
    }
  }
}
