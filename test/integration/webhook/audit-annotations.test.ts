import assert from 'node:assert/strict';
import { ApiError } from '../../../src/kube/client/api-error.js';
import { namespacePath, policyPath, vmiPath, vmPath } from '../../../src/kube/client/resources.js';
import type { AuditEvent } from '../support/api-server.js';
import { until } from '../support/api-server.js';
import { ClusterWebhook } from './cluster-webhook.js';

/*
 * What of verdicts stands in the audit log of a real API server: it takes keys of its own form only, and drops others
 * without a word to whoever sent them.
 */

const NS = 'shop';
const VM_WEBHOOK = 'virtualmachine-validator.kubevirt.io';
const VMI_WEBHOOK = 'virtualmachineinstances-validator.kubevirt.io';

const meta = (name: string, more: object = {}): object => ({ name, namespace: NS, ...more });
const spec = (cores: number): object => ({ domain: { cpu: { cores }, memory: { guest: '1Gi' }, devices: {} } });
const vm = (name: string, cores: number): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: meta(name),
  spec: { runStrategy: 'Halted', template: { spec: spec(cores) } },
});
const policy = (name: string, action: string, more: object = {}): object => ({
  apiVersion: 'policies.kubectl-virt.io/v1alpha1',
  kind: 'VirtualMachineClusterPolicy',
  metadata: { name },
  spec: { action, validations: [{ name: 'vcpus', expression: 'variables.vcpus <= 8' }], ...more },
});

/** Longest name of a policy whose key has room: 63 characters with the dot. */
const LONG = `long-${'n'.repeat(52)}`;

describe('policies in the audit log of the API server', function () {
  this.timeout(300_000);
  let webhook: ClusterWebhook;

  const written = async (name: string, write: () => Promise<unknown>): Promise<AuditEvent> => {
    await write().catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
    });
    return until('it is in the audit log', webhook.server.directory, () => {
      const events = webhook.server.auditEvents();
      const event = events.findLast(({ objectRef, verb }) => verb === 'create' && objectRef?.name === name);
      assert.ok(event !== undefined, JSON.stringify(events.at(-1)));
      return event;
    });
  };
  const keysOf = ({ annotations = {} }: AuditEvent): string[] =>
    Object.keys(annotations).filter((key) => key.includes('-validator.kubevirt.io/'));
  const failedOf = ({ annotations = {} }: AuditEvent, of = VM_WEBHOOK): { rule: string; action: string }[] =>
    JSON.parse(annotations[`${of}/policies.failed`] ?? '[]') as { rule: string; action: string }[];

  before(async () => {
    const annotated = { auditAnnotations: [{ key: 'cores', valueExpression: "'%d vCPUs'.format([variables.vcpus])" }] };
    const odd = [
      { key: 'a_b', valueExpression: "'line\\nbreak \\u0007'" },
      { key: 'Z.9', valueExpression: "'z'" },
      { key: 'none', valueExpression: 'null' },
      { key: 'blank', valueExpression: "' '" },
    ];
    webhook = await ClusterWebhook.start(
      async (admin) => {
        await admin.create(namespacePath(), { metadata: { name: NS } });
        for (const one of [
          policy('audited', 'Audit', annotated),
          policy('warned', 'Warn'),
          policy('enforced', 'Enforce', { validations: [{ name: 'vcpus', expression: 'variables.vcpus <= 16' }] }),
          policy('ns.with.dots', 'Audit', { validations: [{ name: 'x', expression: 'true' }], auditAnnotations: odd }),
          policy(LONG, 'Audit', {
            validations: [{ name: 'x', expression: 'true' }],
            auditAnnotations: [{ key: 'whole', valueExpression: "'long'" }],
          }),
        ])
          await admin.create(policyPath('VirtualMachineClusterPolicy'), one);
        const own = policy('audited', 'Audit', annotated);
        await admin.create(policyPath('VirtualMachinePolicy', NS), { ...own, kind: 'VirtualMachinePolicy' });
        return undefined;
      },
      { auditPolicy: { rules: [{ level: 'Metadata', resources: [{ group: 'kubevirt.io' }] }, { level: 'None' }] } },
    );
    await until('the webhook answers', webhook.server.directory, async () => {
      const answer = await webhook.client
        .create(vmPath(NS), vm('probe', 17), { query: { dryRun: 'All' } })
        .catch((error: unknown) => String(error));
      assert.match(String(answer), /\[policy\/enforced\/vcpus\]/, webhook.log);
    });
  });
  after(() => webhook.stop());

  it('stand there whatever the action is, by rule, and as the policies say', async () => {
    const event = await written('big', () => webhook.client.create(vmPath(NS), vm('big', 12)));
    assert.equal(event.responseStatus?.code, 201);
    assert.deepEqual(
      keysOf(event).sort(),
      [
        `${VM_WEBHOOK}/audited.cores`,
        `${VM_WEBHOOK}/${LONG}.whole`,
        `${VM_WEBHOOK}/ns.with.dots.Z.9`,
        `${VM_WEBHOOK}/ns.with.dots.a_b`,
        `${VM_WEBHOOK}/policies.failed`,
        `${VM_WEBHOOK}/shop_audited.cores`,
      ].sort(),
    );
    assert.equal(event.annotations?.[`${VM_WEBHOOK}/audited.cores`], '12 vCPUs');
    assert.equal(event.annotations[`${VM_WEBHOOK}/ns.with.dots.a_b`], 'line\\nbreak \\x07');
    assert.deepEqual(
      failedOf(event).map(({ rule, action }) => `${action} ${rule}`),
      ['Audit policy/audited/vcpus', 'Warn policy/warned/vcpus', 'Audit policy/shop:audited/vcpus'],
    );
  });

  it('stand there of what is refused too', async () => {
    const event = await written('huge', () => webhook.client.create(vmPath(NS), vm('huge', 17)));
    assert.equal(event.responseStatus?.code, 422);
    assert.deepEqual(
      failedOf(event).map(({ rule, action }) => `${action} ${rule}`),
      [
        'Audit policy/audited/vcpus',
        'Enforce policy/enforced/vcpus',
        'Warn policy/warned/vcpus',
        'Audit policy/shop:audited/vcpus',
      ],
    );
    assert.equal(event.annotations?.[`${VM_WEBHOOK}/audited.cores`], '17 vCPUs');
  });

  it('stand there of VMIs under the name of their webhook, and nothing of what violates nothing', async () => {
    const instance = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: meta('vmi'),
      spec: spec(9),
    };
    const event = await written('vmi', () => webhook.client.create(vmiPath(NS), instance));
    assert.equal(failedOf(event, VMI_WEBHOOK).length, 3);
    const small = await written('small', () => webhook.client.create(vmPath(NS), vm('small', 1)));
    assert.deepEqual(failedOf(small), []);
    assert.ok(!keysOf(small).some((key) => key.endsWith('/policies.failed')));
    assert.doesNotMatch(webhook.log, /"level":"?(error|50)/);
  });
});
