import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import { certificatesFrom } from './agent-client.js';
import { addNode, installRights, kubeconfigWith, tokenOf } from './installation.js';
import { namespacePath } from '../../../src/kube/client/resources.js';
import { until, type TestApiServer } from '../../integration/support/api-server.js';
import { sharedApiServer } from '../../integration/support/shared-api-server.js';
import { BuiltProgram, buildPrograms } from '../../support/built-program.js';
import { freePorts } from '../../support/free-ports.js';
import { exchange, type RawTarget } from '../../support/raw-client.js';

/** In the order of {@link Ports.all}. */
export const PORT_NAMES = ['webhook', 'controller', "agent's health", "agent's liveness", "agent's streams"] as const;

const NODE = 'node-a';
/** An answer that must come, on a machine that is busy. */
const PATIENCE_MS = 20_000;

/** A port that a program listens on, and how to ask it whether it works. */
export interface Port {
  readonly name: string;
  readonly program: BuiltProgram;
  readonly target: RawTarget;
  /** Connections that it takes of one address. */
  readonly connectionsOfAddress: number;
  /** A whole request, and the status of its answer, when all is well. */
  readonly probe: readonly [request: string, status: number];
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** Every port of every program, each program as it is built, all of one cluster. */
export class Ports {
  private constructor(
    readonly api: TestApiServer,
    readonly all: readonly Port[],
    private readonly directory: string,
  ) {}

  static async start(): Promise<Ports> {
    buildPrograms('virt-webhook', 'virt-controller', 'virt-agent');
    const api = await sharedApiServer();
    const client = await api.client();
    await client.create(namespacePath(), { metadata: { name: INSTALL_NAMESPACE } });
    await installRights(client);
    const token = await tokenOf(client, 'virt-agent', await addNode(client, NODE));
    const directory = mkdtempSync(join(tmpdir(), 'virt-ports-'));
    const [webhook = 0, controller = 0, agent = 0, agentHealth = 0, liveness = 0] = await freePorts(5);
    const namespace = ['--namespace', INSTALL_NAMESPACE];
    const kubeconfig = ['--kubeconfig', api.kubeconfig, ...namespace];
    const programs = {
      webhook: new BuiltProgram('virt-webhook', ['--listen', `127.0.0.1:${webhook}`, ...kubeconfig]),
      controller: new BuiltProgram('virt-controller', [
        ...['--metrics-listen', `127.0.0.1:${controller}`, '--launcher-image', 'launcher:test'],
        ...kubeconfig,
      ]),
      agent: new BuiltProgram('virt-agent', [
        ...['--node-name', NODE, '--listen', `127.0.0.1:${agent}`, '--metrics-listen', `127.0.0.1:${agentHealth}`],
        ...['--liveness-listen', `127.0.0.1:${liveness}`],
        ...agentDirectories(directory),
        ...['--kubeconfig', kubeconfigWith(api, token, 'virt-agent'), ...namespace],
      ]),
    };
    const asWebhook = await certificatesFrom(api, client);
    client.close();
    const anybody: ConnectionOptions = { rejectUnauthorized: false };
    const health = { connectionsOfAddress: 64, probe: [get('/healthz'), 200] } as const;
    const streams = get('/v1/namespaces/default/virtualmachineinstances/none/pause');
    const ports = new Ports(
      api,
      [
        {
          ...health,
          name: 'webhook',
          program: programs.webhook,
          target: { port: webhook, tls: anybody },
          connectionsOfAddress: 512,
        },
        { ...health, name: 'controller', program: programs.controller, target: { port: controller } },
        { ...health, name: "agent's health", program: programs.agent, target: { port: agentHealth } },
        // One program's: it is the same thread in all of them.
        { ...health, name: "agent's liveness", program: programs.agent, target: { port: liveness } },
        {
          name: "agent's streams, asked by the webhook",
          program: programs.agent,
          target: { port: agent, tls: asWebhook },
          connectionsOfAddress: 448,
          probe: [streams, 405],
        },
      ],
      directory,
    );
    try {
      for (const port of ports.all) await until(`${port.name} answers`, undefined, () => requireServed(port), 60_000);
    } catch (error) {
      await ports.stop();
      throw error;
    }
    return ports;
  }

  async stop(): Promise<void> {
    for (const { program } of this.all) program.kill();
    rmSync(this.directory, { recursive: true });
    await this.api.stop();
  }
}

/** @throws Error with the program's last words when the port does not answer as ever */
export const requireServed = async ({ name, program, target, probe }: Port): Promise<void> => {
  const [request, wanted] = probe;
  const { statuses } = await exchange(target, Buffer.from(request), PATIENCE_MS);
  if (statuses[0] === wanted && program.lives) return;
  throw new Error(`${name} answers ${statuses.join() || 'nothing'} instead of ${wanted}:\n${program.lastWords}`);
};

/** What an agent finds on its node, as far as it looks here; no kubelet. */
const agentDirectories = (directory: string): string[] =>
  Object.entries({
    'kubelet-pods-dir': 'pods',
    'device-plugins-dir': 'device-plugins',
    'seccomp-dir': 'seccomp',
  }).flatMap(([flag, name]) => {
    const path = join(directory, 'kubelet', name);
    mkdirSync(path, { recursive: true });
    return [`--${flag}`, path];
  });
