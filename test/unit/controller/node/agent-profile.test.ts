import assert from 'node:assert/strict';
import { keepAgentProfile, setAgentProfile } from '../../../../src/controller/node/agent-profile.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { FakeClock } from '../../kube/fake-clock.js';

const PATH = '/apis/apps/v1/namespaces/kubevirt/daemonsets/virt-agent';
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** An API server that holds the agents' DaemonSet, and takes a strategic patch of its one container. */
class Server {
  readonly patches: unknown[] = [];
  gets = 0;
  constructor(public securityContext: object | undefined) {}
  get = <T>(path: string): Promise<T> => {
    this.gets += 1;
    assert.equal(path, PATH);
    if (this.securityContext === undefined)
      return Promise.reject(new ApiError({ code: 404, reason: 'NotFound', message: path }));
    const containers = [{ name: 'sidecar' }, { name: 'virt-agent', securityContext: this.securityContext }];
    return Promise.resolve({ spec: { template: { spec: { containers } } } } as T);
  };
  patch = <T>(path: string, patch: unknown, type?: string): Promise<T> => {
    assert.deepEqual([path, type], [PATH, 'strategic']);
    this.patches.push(patch);
    this.securityContext = { ...this.securityContext, appArmorProfile: { type: 'Unconfined' } };
    return Promise.resolve({} as T);
  };
}

describe("the agents' AppArmor profile", () => {
  it('is set where there is none, by a patch of one field, once', async () => {
    const server = new Server({ runAsUser: 0 });
    assert.equal(await setAgentProfile(server, 'kubevirt'), true);
    assert.equal(await setAgentProfile(server, 'kubevirt'), false);
    assert.deepEqual(server.patches, [
      {
        spec: {
          template: {
            spec: {
              containers: [{ name: 'virt-agent', securityContext: { appArmorProfile: { type: 'Unconfined' } } }],
            },
          },
        },
      },
    ]);
  });

  it('stays as an administrator has set it, and is nobody’s where there is no such DaemonSet', async () => {
    for (const context of [{ appArmorProfile: { type: 'Localhost', localhostProfile: 'ours' } }, undefined]) {
      const server = new Server(context);
      assert.equal(await setAgentProfile(server, 'kubevirt'), false);
      assert.deepEqual(server.patches, []);
    }
  });

  it('is not touched before Kubernetes 1.30, which does not know the field', async () => {
    const server = new Server({});
    const options = { client: server, namespace: 'kubevirt', clock: new FakeClock(), log };
    await keepAgentProfile(options, 29, new AbortController().signal);
    assert.equal(server.gets, 0);
  });

  it('is set again when the DaemonSet was applied again, until the end', async () => {
    const [server, clock, end] = [new Server({}), new FakeClock(), new AbortController()];
    const kept = keepAgentProfile({ client: server, namespace: 'kubevirt', clock, log }, 36, end.signal);
    await clock.advance(1);
    server.securityContext = {};
    await clock.advance(300_000);
    assert.equal(server.patches.length, 2);
    end.abort();
    await kept;
  });
});
