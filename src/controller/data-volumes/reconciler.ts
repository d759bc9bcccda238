import { isDeleting, isFinal } from '../../api/vmi/phase.js';
import { DataVolumeAnnotation } from '../../api/data-volume/data-volume.js';
import { pullPolicy } from '../../api/images.js';
import type { DataVolume } from '../../api/schema/datavolume.js';
import { errorMessage, isAlreadyExists, isConflict, isNotFound } from '../../kube/client/api-error.js';
import { dataVolumePath, podPath, pvcPath, storageClassPath } from '../../kube/client/resources.js';
import type { PersistentVolumeClaim, Pod } from '../../kube/types.js';
import type { Outcome } from '../../kube/work/work-queue.js';
import type { ControllerContext } from '../context.js';
import { Index } from '../indices.js';
import { patchDifference } from '../patch-difference.js';
import { BEHIND } from '../superseded.js';
import { isOwnedBy } from '../vm/instance.js';
import { unlessConflict } from '../passes.js';
import { buildClaim } from './claim.js';
import { decideDataVolume, type DataVolumePlan, type DataVolumeView } from './decision.js';
import { buildImporterPod, importerName } from './importer-pod.js';
import { importProgress } from './progress.js';

/** For the case that the watch does not bring what we have just written. */
const AFTER_WRITE_MS = 1_000;

/** DataVolume → claim → importer pod, where no CDI does it: the built-in importer (docs/data-volumes.md). */
export class DataVolumeReconciler {
  constructor(private readonly context: ControllerContext) {}

  async reconcile(key: string): Promise<Outcome | undefined> {
    const { dataVolumes, superseded } = this.context;
    // CDI's DataVolumes are CDI's.
    if (dataVolumes.provider !== 'built-in') return undefined;
    const dataVolume = dataVolumes.get(key);
    if (!dataVolume || isDeleting(dataVolume)) return undefined;
    if (superseded.has(dataVolume)) return BEHIND;
    return unlessConflict(() => this.act(dataVolume));
  }

  private async act(dataVolume: DataVolume): Promise<Outcome> {
    const view = await this.view(dataVolume);
    const plan = decideDataVolume(view);
    await this.take(plan, view);
    const { namespace, name } = dataVolume.metadata ?? {};
    const after = { ...dataVolume, status: plan.status };
    try {
      await patchDifference(this.context, dataVolumePath(namespace, name, 'status'), dataVolume, after);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    if (plan.event !== undefined) {
      const { type, reason, message } = plan.event;
      this.context.recorder.event(dataVolume, type, reason, message);
    }
    return { requeueAfterMs: plan.requeueAfterMs ?? (plan.action === 'none' ? undefined : AFTER_WRITE_MS) };
  }

  /** Asks the API server, not the caches: what is decided here starts and ends imports. */
  private async view(dataVolume: DataVolume): Promise<DataVolumeView> {
    const { namespace, name } = dataVolume.metadata ?? {};
    const [claim, pod, source] = await Promise.all([
      this.find<PersistentVolumeClaim>(pvcPath(namespace, name)),
      this.find<Pod>(podPath(namespace, importerName(dataVolume))),
      this.source(dataVolume),
    ]);
    return {
      dataVolume,
      claim,
      waitsForConsumer: claim !== undefined && claim.status?.phase !== 'Bound' && (await this.waitsForConsumer(claim)),
      pod,
      source,
      progress:
        pod && isOwnedBy(pod, dataVolume.metadata?.uid)
          ? await importProgress(pod, this.context.settings.progressPort)
          : undefined,
      now: this.context.clock.now(),
    };
  }

  private async source({ spec, metadata }: DataVolume): Promise<DataVolumeView['source']> {
    const name = spec.source?.pvc?.name;
    const namespace = metadata?.namespace ?? '';
    if (!name) return undefined;
    const users = this.context.caches.vmis.byIndex(Index.claim, `${namespace}/${name}`).filter((vmi) => !isFinal(vmi));
    const user = users[0]?.metadata?.name;
    return {
      claim: await this.find<PersistentVolumeClaim>(pvcPath(namespace, name)),
      usedBy: user === undefined ? undefined : `VirtualMachineInstance ${user}`,
    };
  }

  private async waitsForConsumer({ spec }: PersistentVolumeClaim): Promise<boolean> {
    if (!spec?.storageClassName) return false;
    const found = await this.find<{ volumeBindingMode?: string }>(storageClassPath(spec.storageClassName));
    return found?.volumeBindingMode === 'WaitForFirstConsumer';
  }

  private async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.context.client.get<T>(path);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async take({ action }: DataVolumePlan, view: DataVolumeView): Promise<void> {
    const { client, settings, config } = this.context;
    const { dataVolume, claim, pod, source } = view;
    const { namespace, name, uid } = dataVolume.metadata ?? {};
    switch (action) {
      case 'none':
        return;
      case 'createClaim':
        return this.create(dataVolume, pvcPath(namespace), buildClaim(dataVolume, source?.claim));
      case 'createPod': {
        if (claim === undefined) return;
        const { launcherImage: image } = settings;
        const imagePullPolicy = pullPolicy(image, settings.imagePullPolicy ?? config().imagePullPolicy);
        const context = { image, imagePullPolicy, claim, source: source?.claim };
        return this.create(dataVolume, podPath(namespace), buildImporterPod(dataVolume, context));
      }
      case 'deletePod':
        await client.delete(podPath(namespace, pod?.metadata?.name), { uid: pod?.metadata?.uid }).catch(ignoreGone);
        return;
      case 'markPopulated': {
        const { resourceVersion } = claim?.metadata ?? {};
        const metadata = { resourceVersion, annotations: { [DataVolumeAnnotation.populated]: uid } };
        await client.patch(pvcPath(namespace, name), { metadata }, 'merge');
      }
    }
  }

  private async create(dataVolume: DataVolume, path: string, object: object): Promise<void> {
    try {
      await this.context.client.create(path, object);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      const message = `Error creating ${path.split('/').at(-1) ?? ''}: ${errorMessage(error)}`;
      this.context.recorder.event(dataVolume, 'Warning', 'FailedCreate', message);
      throw error;
    }
  }
}

const ignoreGone = (error: unknown): void => {
  if (!isNotFound(error) && !isConflict(error)) throw error;
};
