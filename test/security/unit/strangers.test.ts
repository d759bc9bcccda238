import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import express from 'express';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { InstancetypeSource } from '../../../src/instancetypes/source.js';
import { admissionRouter } from '../../../src/webhook/admission/routes.js';
import { admissionMetrics } from '../../../src/webhook/metrics.js';

/* Whoever reaches the webhook's port may ask it as the API server does, about any namespace. */

describe('who is not the API server', () => {
  let server: Server;
  let asked: string[];
  let isTrusted: boolean;

  before(async () => {
    const source: InstancetypeSource = {
      object: (kind, namespace, name) => {
        asked.push(`${kind} ${namespace}/${name}`);
        return { metadata: { name }, spec: { cpu: { guest: 64 }, memory: { guest: '1Gi' } } };
      },
      revision: () => undefined,
      volume: (kind, namespace, name) => {
        asked.push(`${kind} ${namespace}/${name}`);
        return undefined;
      },
      isComplete: true,
    };
    const app = express();
    const context = { config: resolveClusterConfig(), newUuid: () => 'u', instancetypes: source };
    app.use(
      admissionRouter({
        context: () => context,
        isFromApiServer: () => isTrusted,
        metrics: admissionMetrics(new Registry()),
        logger: pino({ level: 'silent' }),
      }),
    );
    server = await new Promise<Server>((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
  });
  after(() => server.close());

  const ask = async (path: string): Promise<void> => {
    const spec = {
      runStrategy: 'Halted',
      instancetype: { name: 'secret', kind: 'VirtualMachineInstancetype' },
      preference: { inferFromVolume: 'root' },
      template: {
        spec: {
          domain: { devices: {} },
          volumes: [{ name: 'root', persistentVolumeClaim: { claimName: 'payroll' } }],
        },
      },
    };
    const metadata = { name: 'web', namespace: 'victim' };
    const object = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata, spec };
    const kind = { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachine' };
    const request = { uid: 'u', kind, operation: 'CREATE', namespace: 'victim', object, userInfo: { username: 'bob' } };
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }),
    });
    assert.equal(answer.status, 200);
  };

  it('learns nothing of the claims and instance types of a namespace', async () => {
    for (const path of ['/mutate', '/validate']) {
      asked = [];
      isTrusted = false;
      await ask(path);
      assert.deepEqual(asked, [] as string[], path);
      isTrusted = true;
      await ask(path);
      assert.ok(asked.includes('VirtualMachineInstancetype victim/secret'), path);
    }
  });
});
