import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { KubernetesObject } from '../../../../src/kube/types.js';

/*
 * As much of a cluster as the page of `kubectl virt ui` sees: lists and watches of VMs, instances and events, the
 * subresources, a console that echoes, and a screen. It keeps objects; what our programs would do with them a test does
 * by `put` and `remove`, or the actions here do at once.
 */

export type Resource = 'virtualmachines' | 'virtualmachineinstances' | 'events';
const RESOURCES: readonly Resource[] = ['virtualmachines', 'virtualmachineinstances', 'events'];

interface Watcher {
  readonly resource: Resource;
  readonly matches: (object: KubernetesObject) => boolean;
  readonly response: ServerResponse;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

export interface FakeCluster {
  readonly url: string;
  readonly flags: readonly string[];
  /** All but reads and watches. */
  readonly changes: Asked[];
  /** What every change is refused with meanwhile. */
  refuse: Refusal | undefined;
  readonly put: (resource: Resource, object: KubernetesObject) => void;
  readonly remove: (resource: Resource, namespace: string, name: string) => void;
  /** Bytes that the page has sent to a stream. */
  readonly streamed: (stream: 'console' | 'vnc') => Buffer;
  /** Has the guest's end of all its open streams say, or end. */
  readonly say: (stream: 'console' | 'vnc', data: Buffer) => void;
  readonly end: (stream: 'console' | 'vnc', code: number, reason: string) => void;
  /** How many are open. */
  readonly streams: (stream: 'console' | 'vnc') => number;
  readonly close: () => Promise<void>;
}

export interface FakeClusterOptions {
  /** What the guest's end of a stream does with a client; default: console echoes, screen shows a test card. */
  readonly console?: (socket: WebSocket) => void;
}

export const vm = (namespace: string, name: string, changes: object = {}): KubernetesObject => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { namespace, name, uid: `vm-${namespace}-${name}`, creationTimestamp: '2026-01-01T00:00:00Z' },
  ...({
    spec: {
      runStrategy: 'Manual',
      template: {
        spec: {
          domain: { cpu: { cores: 2 }, memory: { guest: '1Gi' }, devices: { disks: [{ name: 'root', disk: {} }] } },
          volumes: [{ name: 'root', containerDisk: { image: 'registry/guest:1' } }],
        },
      },
    },
    status: { printableStatus: 'Stopped', conditions: [] },
    ...changes,
  } as object),
});

export const vmi = (namespace: string, name: string, status: object = {}): KubernetesObject => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { namespace, name, uid: `vmi-${namespace}-${name}`, creationTimestamp: '2026-01-01T00:00:00Z' },
  ...({
    spec: { domain: { cpu: { cores: 2 }, memory: { guest: '1Gi' }, devices: {} } },
    status: {
      phase: 'Running',
      nodeName: 'node-1',
      interfaces: [{ name: 'default', ipAddress: '10.1.2.3' }],
      ...status,
    },
  } as object),
});

const WIDTH = 64;
const HEIGHT = 48;

/** An RFB 3.8 server with a test card. Source: RFC 6143. */
export const screenOf = (socket: WebSocket, heard: (data: Buffer) => void): void => {
  let state: 'version' | 'security' | 'init' | 'running' = 'version';
  socket.send(Buffer.from('RFB 003.008\n'));
  const frame = (): Buffer => {
    const head = Buffer.alloc(16);
    head.writeUInt16BE(1, 2);
    head.writeUInt16BE(WIDTH, 8);
    head.writeUInt16BE(HEIGHT, 10);
    // Blue, green, red and a byte of nothing, as the format below says: a test card's bars.
    const line = Buffer.concat(
      Array.from({ length: WIDTH }, (_, x) => {
        const bar = 7 - Math.floor((x * 8) / WIDTH);
        return Buffer.from([bar & 1 ? 0xc0 : 0x10, bar & 4 ? 0xc0 : 0x10, bar & 2 ? 0xc0 : 0x10, 0]);
      }),
    );
    return Buffer.concat([head, ...Array.from({ length: HEIGHT }, () => line)]);
  };
  socket.on('message', (data: Buffer) => {
    if (state === 'version') {
      state = 'security';
      socket.send(Buffer.from([1, 1]));
    } else if (state === 'security') {
      state = 'init';
      socket.send(Buffer.alloc(4));
    } else if (state === 'init') {
      state = 'running';
      const init = Buffer.alloc(24);
      init.writeUInt16BE(WIDTH, 0);
      init.writeUInt16BE(HEIGHT, 2);
      init.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0], 4);
      init.writeUInt32BE(4, 20);
      socket.send(Buffer.concat([init, Buffer.from('fake')]));
      setTimeout(() => socket.send(frame()), 50);
    } else heard(data);
  });
};

const status = (code: number, reason: string, message: string) => ({
  code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code },
});

export const fakeCluster = async (options: FakeClusterOptions = {}): Promise<FakeCluster> => {
  const objects = new Map<Resource, Map<string, KubernetesObject>>(RESOURCES.map((each) => [each, new Map()]));
  const watchers = new Set<Watcher>();
  const changes: Asked[] = [];
  const streamed = { console: [] as Buffer[], vnc: [] as Buffer[] };
  const open = { console: new Set<WebSocket>(), vnc: new Set<WebSocket>() };
  let version = 1;

  const tell = (resource: Resource, type: string, object: KubernetesObject): void => {
    for (const watcher of watchers)
      if (watcher.resource === resource && watcher.matches(object))
        watcher.response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const keyOf = ({ metadata }: KubernetesObject) => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
  const put: FakeCluster['put'] = (resource, object) => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const all = objects.get(resource);
    const known = all?.has(keyOf(object)) === true;
    all?.set(keyOf(object), stored);
    tell(resource, known ? 'MODIFIED' : 'ADDED', stored);
  };
  const remove: FakeCluster['remove'] = (resource, namespace, name) => {
    const object = objects.get(resource)?.get(`${namespace}/${name}`);
    if (object === undefined) return;
    version += 1;
    objects.get(resource)?.delete(`${namespace}/${name}`);
    tell(resource, 'DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
  };

  /** What a subresource's PUT does with the VM: at once what takes our programs seconds. */
  const act = (namespace: string, name: string, action: string): void => {
    const machine = objects.get('virtualmachines')?.get(`${namespace}/${name}`);
    const show = (printableStatus: string): void => {
      if (machine !== undefined) put('virtualmachines', { ...machine, ...{ status: { printableStatus } } });
    };
    const paused = (value: boolean): void => {
      const conditions = value ? [{ type: 'Paused', status: 'True' }] : [];
      put('virtualmachineinstances', vmi(namespace, name, { conditions }));
      show(value ? 'Paused' : 'Running');
    };
    if (action === 'start' || action === 'restart') paused(false);
    if (action === 'pause') paused(true);
    if (action === 'unpause') paused(false);
    if (action === 'stop') {
      remove('virtualmachineinstances', namespace, name);
      show('Stopped');
    }
  };

  const matcher = (namespace: string | undefined, selector: string | null) => {
    const [field, value] = (selector ?? '').split('=');
    return (object: KubernetesObject & { involvedObject?: { name?: string } }): boolean =>
      (namespace === undefined || object.metadata?.namespace === namespace) &&
      (field === 'metadata.name' ? object.metadata?.name === value : true) &&
      (field === 'involvedObject.name' ? object.involvedObject?.name === value : true);
  };

  const list = (url: URL, resource: Resource, namespace: string | undefined, response: ServerResponse): void => {
    const matches = matcher(namespace, url.searchParams.get('fieldSelector'));
    response.writeHead(200, { 'content-type': 'application/json' });
    if (url.searchParams.get('watch') === 'true') {
      const watcher = { resource, matches, response };
      watchers.add(watcher);
      response.on('close', () => watchers.delete(watcher));
      response.flushHeaders();
      return;
    }
    const all = [...(objects.get(resource)?.values() ?? [])].filter(matches);
    const from = Number(url.searchParams.get('continue') ?? 0);
    const to = from + Number(url.searchParams.get('limit') ?? all.length);
    const metadata = { resourceVersion: String(version), ...(to < all.length ? { continue: String(to) } : {}) };
    response.end(JSON.stringify({ kind: 'List', metadata, items: all.slice(from, to) }));
  };

  const usage = () => ({
    timestamp: new Date().toISOString(),
    cpu: { vcpus: 2, cores: 0.5 },
    memory: { resident: 2 ** 29, guest: 2 ** 30, guestUsed: 2 ** 28 },
    disk: { readBytes: Date.now() % 1e9, writtenBytes: Date.now() % 1e9 },
    network: { receivedBytes: Date.now() % 1e9, sentBytes: Date.now() % 1e9 },
  });

  const PATH =
    /^\/(?:api\/v1|apis\/[^/]+\/v1)(?:\/namespaces\/([^/]+))?\/(virtualmachines|virtualmachineinstances|events)(?:\/([^/]+))?(?:\/([^/]+))?$/;

  const serve = (request: IncomingMessage, text: string, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://x');
    const { method = '' } = request;
    const body = text === '' ? undefined : (JSON.parse(text) as KubernetesObject);
    const asked = { method, path: url.pathname, body };
    if (method !== 'GET') changes.push(asked);
    const send = (code: number, content?: object): void => {
      response.writeHead(code, { 'content-type': 'application/json' });
      response.end(content === undefined ? '' : JSON.stringify(content));
    };
    const { refuse } = cluster;
    if (method !== 'GET' && refuse !== undefined) {
      send(refuse.code, status(refuse.code, refuse.reason, refuse.message).body);
      return;
    }
    const [, namespace, resource, name, subresource] = PATH.exec(url.pathname) ?? [];
    if (resource === undefined) {
      send(404, status(404, 'NotFound', 'the server could not find it').body);
      return;
    }
    if (name === undefined && method === 'GET') {
      list(url, resource as Resource, namespace, response);
      return;
    }
    if (name === undefined && body !== undefined) {
      put(resource as Resource, { ...body, ...{ status: { printableStatus: 'Stopped' } } });
      send(201, body);
      return;
    }
    if (subresource === 'usage') {
      send(200, usage());
      return;
    }
    if (subresource !== undefined) {
      act(namespace ?? '', name ?? '', subresource);
      send(202);
      return;
    }
    if (method === 'PUT' && body !== undefined) put(resource as Resource, body);
    const object = objects.get(resource as Resource)?.get(`${namespace ?? ''}/${name ?? ''}`);
    if (object === undefined) {
      send(404, status(404, 'NotFound', `${resource} "${name ?? ''}" not found`).body);
      return;
    }
    send(200, object);
  };

  const cluster: FakeCluster = {
    url: '',
    flags: [],
    changes,
    refuse: undefined,
    put,
    remove,
    streamed: (stream) => Buffer.concat(streamed[stream]),
    say: (stream, data) => {
      for (const socket of open[stream]) socket.send(data);
    },
    end: (stream, code, reason) => {
      for (const socket of open[stream]) socket.close(code, reason);
    },
    streams: (stream) => open[stream].size,
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => serve(request, text, response));
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'plain.kubevirt.io' });
  server.on('upgrade', (request, socket, head) => {
    const stream = request.url?.endsWith('/vnc') === true ? 'vnc' : 'console';
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      open[stream].add(accepted);
      accepted.on('close', () => open[stream].delete(accepted));
      const heard = (data: Buffer): void => void streamed[stream].push(data);
      if (stream === 'vnc') screenOf(accepted, heard);
      else if (options.console !== undefined) options.console(accepted);
      else {
        accepted.send(Buffer.from('login: '));
        accepted.on('message', (data: Buffer) => {
          heard(data);
          accepted.send(data);
        });
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(cluster, { url, flags: ['--server', url] });
  return cluster;
};
