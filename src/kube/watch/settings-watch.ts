import type { KubeVirt } from '../../api/schema/kinds.js';
import { resolveClusterConfig, type Architecture, type ClusterConfig } from '../../api/settings/cluster-config.js';
import { settingsObject } from '../../api/settings/settings-object.js';
import { PolicyAnnotation } from '../../api/names.js';
import type { KubeClient } from '../client/client.js';
import { kubevirtPath } from '../client/resources.js';
import type { Clock } from '../clock.js';
import type { Log } from '../program/log.js';
import { Informer, type InformerMetrics } from './informer.js';

export interface SettingsWatchOptions {
  /** Where the KubeVirt object is. */
  readonly namespace: string;
  /** Of VMs that name none, in a cluster that says nothing on it. */
  readonly architecture: Architecture;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  readonly metrics?: InformerMetrics | undefined;
}

/** The cluster's settings as they are now, in every program by this one class. */
export class SettingsWatch {
  private readonly informer: Informer<KubeVirt>;
  private readonly architecture: Architecture;
  private config: ClusterConfig;
  private object: KubeVirt | undefined;

  constructor(
    client: Pick<KubeClient, 'list' | 'watch'>,
    { namespace, architecture, ...options }: SettingsWatchOptions,
  ) {
    this.architecture = architecture;
    this.config = resolveClusterConfig(undefined, architecture);
    this.informer = new Informer<KubeVirt>(client, { path: kubevirtPath(namespace), ...options });
    this.onEvent(() => this.resolve());
  }

  /** The defaults until the object has been read. */
  get current(): ClusterConfig {
    return this.config;
  }

  /** Name of the object that the settings are from. */
  get objectName(): string | undefined {
    return this.object?.metadata?.name;
  }

  /** Until when all policies are paused, as it is written. */
  get policiesPausedUntil(): string | undefined {
    const annotations = this.object?.metadata?.annotations ?? {};
    return Object.hasOwn(annotations, PolicyAnnotation.pausedUntil)
      ? annotations[PolicyAnnotation.pausedUntil]
      : undefined;
  }

  get hasSynced(): boolean {
    return this.informer.hasSynced;
  }

  get lastError(): string | undefined {
    return this.informer.lastError;
  }

  get synced(): Promise<void> {
    return this.informer.synced;
  }

  /** Calls back after a KubeVirt object has changed and its settings hold. */
  onChange(listener: () => void): void {
    this.onEvent(listener);
  }

  start(): void {
    this.informer.start();
  }

  stop(): Promise<void> {
    return this.informer.stop();
  }

  // The informer calls in the order of registration, so our own listener has been there first.
  private onEvent(listener: () => void): void {
    for (const event of ['add', 'update', 'delete'] as const) this.informer.on(event, listener);
  }

  private resolve(): void {
    this.object = settingsObject(this.informer.list());
    this.config = resolveClusterConfig(this.object, this.architecture);
  }
}
