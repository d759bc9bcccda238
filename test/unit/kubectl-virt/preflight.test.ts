import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { ExitCode, renderError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { directoryFor, OVERLAYS } from '../../../cmd/kubectl-virt/preflight/preflight.js';
import { fakeApiServer, status, type FakeApiServer } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

interface Cluster {
  readonly minor?: string;
  readonly crds?: readonly string[];
  readonly operators?: readonly object[];
  readonly service?: { readonly namespace: string; readonly name: string };
}

describe('kubectl virt preflight', () => {
  let server: FakeApiServer;
  afterEach(() => server.close());

  const preflight = async ({ minor = '31+', crds = [], operators = [], service }: Cluster) => {
    server = await fakeApiServer({
      answer: ({ path }) => {
        if (path === '/version') return { code: 200, body: { major: '1', minor } };
        if (path.startsWith('/apis/apps/v1/deployments?')) return { code: 200, body: { items: operators } };
        const crd = crds.find((name) => path.endsWith(`/${name}`));
        if (crd !== undefined) return { code: 200, body: { metadata: { name: crd } } };
        return path.includes('/apiservices/') && service !== undefined
          ? { code: 200, body: { spec: { service } } }
          : status(404, 'NotFound', 'not there');
      },
    });
    const io = fakeIo();
    const code = await main(['preflight', ...server.flags], io).catch((error: unknown) => {
      io.stderr.write(renderError(error));
      return ExitCode.failure;
    });
    for (const { method } of server.seen) assert.equal(method, 'GET', 'it changes nothing');
    return { code, out: io.out(), err: io.err() };
  };
  const OURS = ['virtnodes', 'kubevirts', 'virtualmachines'].map((name) => `${name}.kubevirt.io`);

  it('stops where KubeVirt is, by whichever part of it is left, and says which', async () => {
    const operator = { metadata: { namespace: 'kubevirt-hyperconverged', name: 'virt-operator' } };
    const parts: readonly [Cluster, RegExp][] = [
      [{ operators: [operator] }, /Deployment kubevirt-hyperconverged\/virt-operator/],
      [{ crds: ['kubevirts.kubevirt.io'] }, /CustomResourceDefinition kubevirts\.kubevirt\.io/],
      [{ crds: ['virtualmachines.kubevirt.io'] }, /CustomResourceDefinition virtualmachines\.kubevirt\.io/],
      [{ service: { namespace: 'kubevirt', name: 'virt-api' } }, /APIService .* served by kubevirt\/virt-api/],
      // Both, one over the other.
      [{ crds: [...OURS, 'virtualmachineinstancemigrations.kubevirt.io'] }, /virtualmachineinstancemigrations/],
      [{ crds: OURS, operators: [operator] }, /virt-operator/],
    ];
    for (const [cluster, names] of parts) {
      const { code, out, err } = await preflight(cluster);
      await server.close();
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, names);
      assert.match(err, /Nothing was changed/);
      assert.match(err, /moving-from-kubevirt/);
    }
  });

  it("says what to apply, by the cluster's version, and who fills DataVolumes", async () => {
    const { code, out } = await preflight({});
    assert.equal(code, 0);
    assert.match(
      out,
      /Kubernetes 1\.31, no KubeVirt\.\nNext: {2}kubectl apply -k overlays\/kubernetes-1\.31\/\nNo CDI/,
    );
    await server.close();
    const old = await preflight({ minor: '20', crds: ['cdis.cdi.kubevirt.io'] });
    assert.match(old.out, /apply -k manifests\/\nCDI fills DataVolumes/);
    await server.close();
    assert.match((await preflight({ crds: OURS })).out, /this is an update/);
    await server.close();
    const older = await preflight({ minor: '19' });
    assert.equal(older.code, 1);
    assert.match(older.err, /Kubernetes 1\.19\nIt has to be 1\.20 or newer/);
  });

  it('knows the folders that there are', async () => {
    await preflight({});
    const folders = readdirSync(new URL('../../../overlays', import.meta.url)).toSorted();
    assert.deepEqual(
      folders,
      OVERLAYS.map((minor) => `kubernetes-1.${minor}`),
    );
    assert.deepEqual([20, 21, 29, 30, 36].map(directoryFor), [
      'manifests/',
      'overlays/kubernetes-1.21/',
      'overlays/kubernetes-1.21/',
      'overlays/kubernetes-1.30/',
      'overlays/kubernetes-1.31/',
    ]);
  });
});
