import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Registry } from 'prom-client';
import pino from 'pino';
import type { Access, UserInfo } from '../../../../src/api/access/access.js';
import type { AdmissionResponse } from '../../../../src/webhook/admission/answers.js';
import { admissionMetrics } from '../../../../src/webhook/metrics.js';
import { policyWriteMetrics } from '../../../../src/webhook/policies/metrics.js';
import { policyRights } from '../../../../src/webhook/policies/rights.js';
import { policyRouter } from '../../../../src/webhook/policies/router.js';
import type { PolicyStore } from '../../../../src/webhook/policies/store.js';

/*
 * The routes of policies over HTTP, with an API server that answers what a test says.
 */

export const NOW = Date.parse('2026-12-01T00:00:00Z');
const GROUP = 'policies.kubectl-virt.io';

export const policy = (spec: object = {}, metadata: object = {}): object => ({
  apiVersion: `${GROUP}/v1alpha1`,
  kind: 'VirtualMachineClusterPolicy',
  metadata: { name: 'vm-size', ...metadata },
  spec: { action: 'Enforce', validations: [{ name: 'vcpus', expression: 'variables.vcpus <= 8' }], ...spec },
});

export const exception = (spec: object = {}, metadata: object = {}): object => ({
  apiVersion: `${GROUP}/v1alpha1`,
  kind: 'VirtualMachinePolicyException',
  metadata: { name: 'db-bigger', namespace: 'shop', annotations: CREATED, ...metadata },
  spec: {
    policies: [{ name: 'vm-size' }],
    match: { names: ['db-*'] },
    reason: 'Reporting database until it is split',
    owner: 'team-db@example.com',
    expiresAt: '2026-12-20T00:00:00Z',
    ...spec,
  },
});

export const CREATED = { [`${GROUP}/created-by`]: 'alice' };

interface Sent {
  readonly operation?: string;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly username?: string;
  readonly kind?: string;
  readonly group?: string;
  readonly dryRun?: boolean;
}

export class PolicyApi {
  /** `verb resource/name@namespace` of every right that was asked for. */
  readonly asked: string[] = [];
  readonly events: string[] = [];
  readonly stored = new Map<string, object>();
  /** Rights that there are; `*` for all. */
  rights = new Set<string>();
  count = 0;
  namespaceIsEnding = false;
  fromApiServer = true;
  fails = false;
  readonly registry = new Registry();
  private server: Server | undefined;

  private readonly store: PolicyStore = {
    policy: (kind, namespace, name) => {
      if (this.fails) return Promise.reject(new Error('no API server'));
      const at = kind === 'VirtualMachineClusterPolicy' ? name : `${namespace}/${name}`;
      return Promise.resolve(this.stored.get(`${kind}/${at}`));
    },
    count: () => Promise.resolve(this.count),
    list: (kind, namespace) =>
      Promise.resolve(
        [...this.stored].filter(([key]) => key.startsWith(`${kind}/${namespace}/`)).map(([, object]) => object),
      ),
    isNamespaceEnding: () => Promise.resolve(this.namespaceIsEnding),
  };

  async start(): Promise<void> {
    const reviewer = {
      isAllowed: (_user: UserInfo, { verb, resource, name = '', namespace }: Access): Promise<boolean> => {
        const right = `${verb} ${resource}/${name}@${namespace}`;
        this.asked.push(right);
        return Promise.resolve(this.rights.has(right) || this.rights.has('*'));
      },
    };
    const app = express();
    app.use(
      policyRouter({
        store: this.store,
        askRight: policyRights(reviewer),
        now: () => NOW,
        isFromApiServer: () => this.fromApiServer,
        recorder: {
          event: ({ kind, metadata }, type, reason, message) =>
            void this.events.push(`${kind ?? ''}/${metadata?.name ?? ''} ${type} ${reason}: ${message}`),
        },
        writes: policyWriteMetrics(this.registry),
        metrics: admissionMetrics(this.registry),
        logger: pino({ level: 'silent' }),
      }),
    );
    this.server = await new Promise<Server>((resolve) => {
      const server = app.listen(0, '127.0.0.1', () => resolve(server));
    });
  }

  stop(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  async send(path: 'mutate' | 'validate', sent: Sent): Promise<AdmissionResponse> {
    const whole = (sent.object ?? sent.oldObject) as {
      kind?: string;
      metadata?: { name?: string; namespace?: string };
    };
    const { operation = sent.oldObject === undefined ? 'CREATE' : 'UPDATE', username = 'alice' } = sent;
    const request = {
      uid: 'u',
      kind: { group: sent.group ?? GROUP, version: 'v1alpha1', kind: sent.kind ?? whole.kind },
      operation,
      name: whole.metadata?.name,
      namespace: whole.metadata?.namespace ?? '',
      object: sent.object ?? null,
      oldObject: sent.oldObject ?? null,
      userInfo: { username, groups: ['developers'] },
      dryRun: sent.dryRun ?? false,
    };
    const { port } = this.server!.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/${path}-policies`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }),
    });
    return ((await answer.json()) as { response: AdmissionResponse }).response;
  }

  /** The message of a refusal. */
  async refusal(sent: Sent): Promise<string> {
    const { allowed, status } = await this.send('validate', sent);
    assert.equal(allowed, false, 'it was admitted');
    return status?.message ?? '';
  }

  async admits(sent: Sent): Promise<readonly string[]> {
    const { allowed, status, warnings = [] } = await this.send('validate', sent);
    assert.equal(allowed, true, status?.message);
    return warnings;
  }

  /** The annotations after the mutation. */
  async annotations(sent: Sent): Promise<Record<string, string>> {
    const { patch } = await this.send('mutate', sent);
    const own = (sent.object as { metadata: { annotations?: Record<string, string> } }).metadata.annotations ?? {};
    if (patch === undefined) return own;
    const [{ path, value }] = JSON.parse(Buffer.from(patch, 'base64').toString()) as [
      { path: string; value: Record<string, string> },
    ];
    assert.equal(path, '/metadata/annotations');
    return value;
  }
}
