import { rmSync, statSync } from 'node:fs';
import type { Http2Server, Http2Session } from 'node:http2';
import { join } from 'node:path';
import { errorMessage } from '../../kube/client/api-error.js';
import type { Log } from '../../kube/program/log.js';
import { call, grpcServer } from './grpc.js';
import { decodeMessage, encodeMessage, type Field } from './protobuf.js';

export interface DevicePluginOptions {
  /** kubelet's directory of device plugin sockets. */
  readonly directory: string;
  /** `devices.kubevirt.io/kvm` */
  readonly resource: string;
  /** Its device nodes on the host, and in the pods. */
  readonly devices: readonly string[];
  /** How many pods may have it at a time. 0: the node offers none. */
  readonly count: number;
  readonly log: Log;
}

const API_VERSION = 'v1beta1';
const KUBELET_SOCKET = 'kubelet.sock';
/** kubelet forgets its plugins when it restarts, and creates its socket again: how soon that is noticed. */
const CHECK_MS = 5_000;

/** v1beta1.Device */
const device = (name: string): Field => [
  1,
  [
    [1, name],
    [2, 'Healthy'],
  ],
];

/**
 * Offers a device node that any number of pods can share, through kubelet's device plugin API (v1beta1, stable since
 * Kubernetes 1.10), so that a launcher pod gets it without being privileged.
 */
export class DevicePlugin {
  private readonly socket: string;
  private server: Http2Server | undefined;
  private readonly sessions = new Set<Http2Session>();
  private timer: NodeJS.Timeout | undefined;
  /** The kubelet that we are registered with, by its socket. */
  private registeredWith: string | undefined;

  constructor(private readonly options: DevicePluginOptions) {
    this.socket = `${options.resource.replace(/[^a-z0-9]+/gi, '-')}.sock`;
  }

  /** Serves and registers; retries while there is no kubelet. */
  async start(): Promise<void> {
    await this.tick();
    this.timer = setInterval(() => void this.tick(), CHECK_MS);
  }

  private async tick(): Promise<void> {
    const { directory, log, resource } = this.options;
    try {
      const { ino, ctimeMs } = statSync(join(directory, KUBELET_SOCKET));
      const kubelet = `${ino}:${ctimeMs}`;
      if (kubelet === this.registeredWith) return;
      // kubelet empties its directory when it starts, our socket included.
      await this.listen();
      await this.register();
      this.registeredWith = kubelet;
      log.info({ resource, count: this.options.count }, 'device plugin registered');
    } catch (error) {
      log.warn({ resource, error: errorMessage(error) }, 'device plugin not registered, trying again');
    }
  }

  private register(): Promise<Buffer> {
    const request = encodeMessage([
      [1, API_VERSION],
      [2, this.socket],
      [3, this.options.resource],
    ]);
    return call(join(this.options.directory, KUBELET_SOCKET), `/${API_VERSION}.Registration/Register`, request);
  }

  private async listen(): Promise<void> {
    this.close();
    const server = grpcServer({
      [`/${API_VERSION}.DevicePlugin/GetDevicePluginOptions`]: { unary: () => Buffer.alloc(0) },
      [`/${API_VERSION}.DevicePlugin/PreStartContainer`]: { unary: () => Buffer.alloc(0) },
      [`/${API_VERSION}.DevicePlugin/ListAndWatch`]: { stream: (_, send) => send(this.devices()) },
      [`/${API_VERSION}.DevicePlugin/Allocate`]: { unary: (request) => this.allocate(request) },
    });
    server.on('session', (session) => {
      this.sessions.add(session);
      let used = false;
      session.once('stream', () => (used = true));
      session.once('close', () => {
        this.sessions.delete(session);
        // Kubelets before 1.29 send their socket's path as `:authority`, which Node's HTTP/2 refuses as malformed.
        if (!used)
          this.options.log.error(
            { resource: this.options.resource },
            'kubelet speaks a gRPC that this plugin cannot read; Kubernetes 1.29 or newer is needed for it',
          );
      });
    });
    this.server = server;
    const path = join(this.options.directory, this.socket);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  }

  /** v1beta1.ListAndWatchResponse. The node's state does not change while the agent runs, so it is sent once. */
  private devices(): Buffer {
    return encodeMessage(Array.from({ length: this.options.count }, (_, index) => device(`device${index}`)));
  }

  /** v1beta1.AllocateResponse: the same nodes for every container that asks. */
  private allocate(request: Buffer): Buffer {
    const containers = decodeMessage(request).filter(({ field }) => field === 1);
    const specs = this.options.devices.map((path): Field => [
      3,
      [
        [1, path],
        [2, path],
        [3, 'rw'],
      ],
    ]);
    return encodeMessage(containers.map((): Field => [1, specs]));
  }

  private close(): void {
    for (const session of this.sessions) session.destroy();
    this.server?.close();
    this.server = undefined;
  }

  stop(): void {
    clearInterval(this.timer);
    this.close();
  }
}
