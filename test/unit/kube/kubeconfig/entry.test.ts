import assert from 'node:assert/strict';
import { resolveEntry } from '../../../../src/kube/kubeconfig/entry.js';
import { KubeconfigError } from '../../../../src/kube/kubeconfig/error.js';
import { credentialsOf, simple, useDirectory } from './kubeconfig-files.js';

describe('kubeconfig: which cluster, namespace and user', () => {
  const { path, write, resolve } = useDirectory();

  it('takes the namespace of the context, if it has one', async () => {
    assert.equal((await resolve(simple({}, {}, { namespace: 'ctx' }))).namespace, 'ctx');
    assert.equal((await resolve(simple({}, {}, { namespace: '' }))).namespace, undefined);
    assert.equal((await resolve(simple())).namespace, undefined);
  });

  it('names what is missing and what there is', async () => {
    await assert.rejects(resolve(simple(), { context: 'x' }), (error: KubeconfigError) => {
      assert.ok(error instanceof KubeconfigError);
      assert.equal(error.message, 'the kubeconfig has no context "x"');
      assert.equal(error.remedy, 'It has: c.');
      return true;
    });
    await assert.rejects(resolve(simple(), { user: 'x' }), /no user "x"/);
    await assert.rejects(resolve(simple(), { cluster: 'x' }), /no cluster "x"/);
    await assert.rejects(resolveEntry({}, { env: { HOME: path('') } }), /no cluster is configured/);
    await assert.rejects(resolve(simple({}, { server: 'http://[' })), /not the address of an API server/);
  });

  it('takes no cluster that nobody named, were it the only one', async () => {
    const config = { ...simple(), 'current-context': undefined };
    await assert.rejects(resolve(config), /no cluster is configured/);
    assert.equal((await resolve(config, { cluster: 'k' })).server, 'https://a:6443');
    assert.equal((await resolve(config, { context: 'c' })).userName, 'u');
  });

  it('lets flags win over the file', async () => {
    const ca = write('ca.pem', 'FLAG');
    const inFile = {
      'certificate-authority-data': Buffer.from('FILE').toString('base64'),
      'insecure-skip-tls-verify': true,
    };
    const flags = {
      server: 'b:1/',
      'certificate-authority': ca,
      'tls-server-name': 'name',
      'proxy-url': 'http://p:3128',
    };
    const entry = await resolve(simple({ token: 'file' }, inFile), { ...flags, token: 'flag' });
    assert.equal(entry.server, 'https://b:1');
    assert.equal(entry.cluster['proxy-url'], 'http://p:3128');
    const { headers, tls } = await credentialsOf(entry).resolve();
    assert.equal(tls.ca!.toString(), 'FLAG');
    assert.deepEqual([tls.servername, tls.rejectUnauthorized], ['name', false]);
    assert.deepEqual(headers, { authorization: 'Bearer flag' });
  });

  describe('in a pod', () => {
    const pod = { HOME: '/nonexistent', KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const serviceAccount = () => {
      for (const [name, text] of [
        ['token', 'sa\n'],
        ['ca.crt', 'CA'],
        ['namespace', 'here\n'],
      ] as const) {
        write(name, text);
      }
      return { env: pod, serviceAccountDirectory: path('') };
    };

    it('uses the service account, only when nothing else is named', async () => {
      const options = serviceAccount();
      const entry = await resolveEntry({}, options);
      assert.deepEqual([entry.server, entry.namespace, entry.files], ['https://[fd00::1]:443', 'here', []]);
      const { headers, tls } = await credentialsOf(entry).resolve();
      assert.deepEqual([headers, tls.ca!.toString()], [{ authorization: 'Bearer sa' }, 'CA']);
      assert.equal((await resolveEntry({ server: 'https://x' }, options)).server, 'https://x');
      assert.equal((await resolve(simple(), {}, options)).server, 'https://a:6443');
    });

    it('uses it where the kubeconfig names no cluster, as client-go', async () => {
      const config = { ...simple(), 'current-context': undefined };
      assert.equal((await resolve(config, {}, serviceAccount())).server, 'https://[fd00::1]:443');
    });

    it('does not without a token', async () => {
      await assert.rejects(
        resolveEntry({}, { env: pod, serviceAccountDirectory: path('') }),
        /no cluster is configured/,
      );
    });
  });

  it('impersonates by file and by flag', async () => {
    const user = { as: 'jane', 'as-groups': ['g'], 'as-user-extra': { 'example.com/x': ['y'] } };
    assert.deepEqual((await credentialsOf(await resolve(simple(user))).resolve()).headers, {
      'Impersonate-User': 'jane',
      'Impersonate-Group': ['g'],
      'Impersonate-Extra-example.com%2Fx': ['y'],
    });
    const asked = await resolve(simple(user), { as: 'joe', 'as-uid': '7', token: 't' });
    const { headers } = await credentialsOf(asked).resolve();
    // As with kubectl, the groups of the file stay.
    assert.deepEqual(
      [headers['Impersonate-User'], headers['Impersonate-Uid'], headers['Impersonate-Group']],
      ['joe', '7', ['g']],
    );
    await assert.rejects(resolve(simple(), { 'as-group': ['g'] }), /needs a user/);
  });
});
