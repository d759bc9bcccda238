import type { Logger } from 'pino';
import type { KubeClient } from '../../kube/client/client.js';
import { Informer } from '../../kube/watch/informer.js';
import { configMapPath } from '../../kube/client/resources.js';
import type { KubernetesObject } from '../../kube/types.js';
import { parseRequestHeaderConfig, type RequestHeaderConfig } from './front-proxy.js';

interface ConfigMap extends KubernetesObject {
  readonly data?: Record<string, string>;
}

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';

/**
 * Keeps the front proxy's configuration current (docs/reference/control.md §2.6): an API server that rotates its CA
 * must not be locked out until this process restarts.
 */
export class RequestHeaderSource {
  private readonly informer: Informer<ConfigMap>;
  private config: RequestHeaderConfig | undefined;

  /** @param changed called with each new configuration, for the server to trust its CA */
  constructor(
    client: KubeClient,
    private readonly changed: (config: RequestHeaderConfig) => void,
    private readonly logger: Logger,
  ) {
    this.informer = new Informer<ConfigMap>(client, {
      path: configMapPath(NAMESPACE),
      fieldSelector: `metadata.name=${NAME}`,
    });
    const read = (map: ConfigMap) => this.read(map);
    this.informer.on('add', read);
    this.informer.on('update', read);
  }

  start(): void {
    this.informer.start();
  }

  stop(): void {
    void this.informer.stop();
  }

  get current(): RequestHeaderConfig | undefined {
    return this.config;
  }

  private read(map: ConfigMap): void {
    try {
      this.config = parseRequestHeaderConfig(map.data ?? {});
    } catch (error) {
      // The last good configuration stays in force; without one the API answers 503.
      this.logger.error({ error }, 'front-proxy configuration is unreadable');
      return;
    }
    this.changed(this.config);
  }
}
