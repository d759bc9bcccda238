import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import express from 'express';
import { pino } from 'pino';
import { checkInstancetype } from '../../../src/admission/instancetype-object.js';
import { MAX_SPEC } from '../../../src/instancetypes/read-object.js';
import { awaitNamed } from '../../../src/webhook/instancetypes/cluster-source.js';
import { instancetypeRouter } from '../../../src/webhook/instancetypes/router.js';
import { shippedSource } from '../../../src/instancetypes/shipped/index.js';
import { FakeClock } from '../kube/fake-clock.js';

const size = (spec: object = {}) => ({
  apiVersion: 'instancetype.kubevirt.io/v1beta1',
  kind: 'VirtualMachineInstancetype',
  metadata: { name: 'small', namespace: 'a' },
  spec: { cpu: { guest: 1 }, memory: { guest: '1Gi' }, ...spec },
});
const fields = (
  object: unknown,
  kind: 'VirtualMachineInstancetype' | 'VirtualMachinePreference' = 'VirtualMachineInstancetype',
) => checkInstancetype({ kind, object }).causes.map(({ field }) => field);
const wish = (spec: object) => ({ metadata: { name: 'wish' }, spec });
const warned = (spec: object): string[] =>
  checkInstancetype({ kind: 'VirtualMachinePreference', object: wish(spec) }).warnings.map(({ field }) => field);

describe('admission of instance types and preferences', () => {
  const refused: readonly (readonly [string, object, readonly string[]])[] = [
    ['no vCPU', { cpu: { guest: 0 } }, ['spec.cpu.guest']],
    ['no memory', { memory: { guest: '0' } }, ['spec.memory.guest']],
    ['a percentage above 100', { memory: { guest: '1Gi', overcommitPercent: 101 } }, ['spec.memory.overcommitPercent']],
    ['one below 0', { memory: { guest: '1Gi', overcommitPercent: -1 } }, ['spec.memory.overcommitPercent']],
    [
      'one beside huge pages',
      { memory: { guest: '1Gi', overcommitPercent: 10, hugepages: { pageSize: '2Mi' } } },
      ['spec.memory.overcommitPercent'],
    ],
    ['an unknown field', { sockets: 1 }, ['spec.sockets']],
    [
      'an annotation of ours',
      { annotations: { 'kubevirt.io/vm-generation': '1' } },
      ['spec.annotations[kubevirt.io/vm-generation]'],
    ],
    [
      'another of ours',
      { annotations: { 'kubectl-virt.io/requested-by': 'root' } },
      ['spec.annotations[kubectl-virt.io/requested-by]'],
    ],
    ['no name', { annotations: { 'a note': '' } }, ['spec.annotations[a note]']],
    ['a giant', { annotations: { note: 'x'.repeat(MAX_SPEC) } }, ['spec']],
    ['devices without end', { gpus: Array.from({ length: 65 }, (_, i) => ({ name: `g${i}` })) }, ['spec.gpus']],
  ];
  for (const [name, spec, expected] of refused) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(fields(size(spec)), expected);
    });
  }

  it('accepts what is whole', () => {
    assert.deepEqual(fields(size()), []);
    assert.deepEqual(fields(size({ memory: { guest: '1Gi', overcommitPercent: 100 } })), []);
  });

  it('refuses topologies and spreads that do not exist, and warns of the old words', () => {
    const of = (cpu: object): string[] => fields(wish({ cpu }), 'VirtualMachinePreference');
    assert.deepEqual(of({ preferredCPUTopology: 'boards' }), ['spec.cpu.preferredCPUTopology']);
    assert.deepEqual(of({ spreadOptions: { across: 'Boards' } }), ['spec.cpu.spreadOptions.across']);
    assert.deepEqual(of({ spreadOptions: { across: 'CoresThreads', ratio: 4 } }), ['spec.cpu.spreadOptions.ratio']);
    assert.deepEqual(of({ preferredCPUTopology: 'spread', spreadOptions: { across: 'CoresThreads', ratio: 2 } }), []);
    assert.deepEqual(of({ preferredCPUTopology: 'preferCores' }), []);
    assert.deepEqual(warned({ cpu: { preferredCPUTopology: 'preferCores' } }), ['spec.cpu.preferredCPUTopology']);
    assert.deepEqual(warned({ cpu: { preferredCPUTopology: 'cores' } }), []);
    assert.deepEqual(warned({ firmware: { preferredUseEfi: true, preferredUseSecureBoot: true } }), [
      'spec.firmware.preferredUseEfi',
      'spec.firmware.preferredUseSecureBoot',
    ]);
    assert.deepEqual(warned({ devices: { preferredVirtualGPUOptions: {} } }), [
      'spec.devices.preferredVirtualGPUOptions',
    ]);
  });

  it('lets labels be written of what was stored before its rules', () => {
    const stored = size({ memory: { guest: '1Gi', overcommitPercent: 101 } });
    const labelled = { ...stored, metadata: { ...stored.metadata, labels: { a: 'b' } } };
    const kind = 'VirtualMachineInstancetype' as const;
    assert.deepEqual(checkInstancetype({ kind, object: labelled, oldObject: stored }).causes, []);
    const worse = size({ memory: { guest: '2Gi', overcommitPercent: 101 } });
    assert.equal(checkInstancetype({ kind, object: worse, oldObject: stored }).causes.length, 1);
  });

  it('answers reviews, and nothing else', async () => {
    const app = express();
    app.use(instancetypeRouter({ metrics: { answered: () => undefined }, logger: pino({ enabled: false }) }));
    const server = createServer(app).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/validate-instancetypes`;
      const ask = async (
        request: object,
      ): Promise<{ response: { allowed: boolean; status?: { message: string } } }> => {
        const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
        const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
        return (await answer.json()) as never;
      };
      const kind = { group: 'instancetype.kubevirt.io', version: 'v1beta1', kind: 'VirtualMachineInstancetype' };
      const request = { uid: 'u', kind, operation: 'CREATE' };
      assert.equal((await ask({ ...request, object: size() })).response.allowed, true);
      const no = await ask({ ...request, object: size({ cpu: { guest: 0 } }) });
      assert.equal(no.response.allowed, false);
      assert.match(no.response.status?.message ?? '', /spec\.cpu\.guest is 0/);
      assert.equal((await ask({ ...request, operation: 'DELETE', object: null })).response.allowed, true);
      const other = await ask({ ...request, kind: { group: 'apps', kind: 'Deployment' }, object: {} });
      assert.match(other.response.status?.message ?? '', /this path serves the kinds of instancetype/);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe('what a VM names and the watches have not seen yet', () => {
  const request = (instancetype: object) => ({
    kind: 'VirtualMachine' as const,
    namespace: 'a',
    object: { spec: { instancetype, template: { spec: { domain: { devices: {} } } } } },
  });

  it('is waited for, a little', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const source = {
      ...shippedSource,
      object: () => {
        asked += 1;
        return asked > 3 ? { spec: { cpu: { guest: 1 }, memory: { guest: '1Gi' } } } : undefined;
      },
    };
    const waiting = awaitNamed(request({ name: 'new' }), source, clock);
    for (let step = 0; step < 10; step += 1) {
      await clock.advance(50);
    }
    await waiting;
    assert.equal(asked, 4);
    const never = awaitNamed(request({ name: 'never' }), { ...shippedSource, object: () => undefined }, clock);
    for (let step = 0; step < 60; step += 1) {
      await clock.advance(50);
    }
    await never;
  });

  it('is not waited for where there is nothing to wait for, whatever is sent', async () => {
    const clock = new FakeClock();
    await awaitNamed(request({ name: 'u1.small' }), shippedSource, clock);
    for (const object of [
      null,
      1,
      {},
      { spec: 1 },
      { spec: { instancetype: 1, template: 1 } },
      { spec: { instancetype: { name: 'x' }, template: {} } },
    ])
      await awaitNamed(
        { kind: 'VirtualMachine', namespace: 'a', object },
        { ...shippedSource, object: () => ({ spec: {} }) },
        clock,
      );
  });
});
