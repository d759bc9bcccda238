import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeClient } from '../../../../src/kube/client/client.js';
import { loadKubeconfig } from '../../../../src/kube/kubeconfig/kubeconfig.js';

const ONE = `
current-context: one
clusters:
- name: c1
  cluster: {server: "https://one:6443", certificate-authority: ca.crt}
users:
- name: u1
  user: {client-certificate: certs/me.crt, client-key: /abs/me.key}
contexts:
- name: one
  context: {cluster: c1, user: u1, namespace: shop}
`;
const TWO = `
current-context: two
clusters:
- name: c1
  cluster: {server: "https://other:6443"}
- name: c2
  cluster: {server: "https://two:6443"}
users: null
contexts:
- name: two
  context: {cluster: c2}
- name: broken
  context: {cluster: nowhere}
`;

describe('kubeconfig', () => {
  let directory: string;
  let one: string;
  let two: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    writeFileSync((one = join(directory, 'one')), ONE);
    writeFileSync((two = join(directory, 'two')), TWO);
  });
  after(() => rmSync(directory, { recursive: true }));
  const environment = (value: string): Record<string, string> => ({ KUBECONFIG: value });

  it('takes the current context, with paths relative to the file', () => {
    const entry = loadKubeconfig({ kubeconfig: one, environment: {} });
    assert.equal(entry.server, 'https://one:6443');
    assert.equal(entry.namespace, 'shop');
    assert.equal(entry.cluster['certificate-authority'], join(directory, 'ca.crt'));
    assert.equal(entry.user['client-certificate'], join(directory, 'certs/me.crt'));
    assert.equal(entry.user['client-key'], '/abs/me.key');
  });

  it('merges the files of $KUBECONFIG: the first that defines a name wins, missing files do not matter', () => {
    const list = environment(`${join(directory, 'none')}:${one}:${two}`);
    assert.equal(loadKubeconfig({ environment: list }).server, 'https://one:6443');
    assert.equal(loadKubeconfig({ environment: list, context: 'two' }).server, 'https://two:6443');
    assert.equal(
      loadKubeconfig({ environment: list, context: 'two', cluster: 'c1', user: 'u1' }).server,
      'https://one:6443',
    );
  });

  it('says what is wrong, where, and what there is', () => {
    const list = environment(`${one}:${two}`);
    assert.throws(
      () => loadKubeconfig({ environment: list, context: 'x' }),
      /context "x" does not exist in .*one.*two.*it has: one, two, broken/,
    );
    assert.throws(() => loadKubeconfig({ environment: list, context: 'broken' }), /cluster "nowhere" does not exist/);
    assert.throws(() => loadKubeconfig({ kubeconfig: join(directory, 'none') }), /cannot read kubeconfig/);
    writeFileSync(join(directory, 'bad'), '{');
    assert.throws(() => loadKubeconfig({ kubeconfig: join(directory, 'bad') }), /bad is not usable/);
    writeFileSync(join(directory, 'empty'), '');
    assert.throws(
      () => loadKubeconfig({ environment: environment(join(directory, 'empty')) }),
      /no cluster is configured: .*empty.*Set KUBECONFIG/,
    );
  });

  it('uses the pod’s service account where there is no kubeconfig', () => {
    const pod = {
      KUBECONFIG: join(directory, 'none'),
      KUBERNETES_SERVICE_HOST: 'fd00::1',
      KUBERNETES_SERVICE_PORT: '443',
    };
    const entry = loadKubeconfig({ environment: pod });
    assert.equal(entry.server, 'https://[fd00::1]:443');
    assert.equal(entry.user.tokenFile, '/var/run/secrets/kubernetes.io/serviceaccount/token');
    assert.equal(entry.files, undefined);
  });

  it('refuses a proxy instead of passing it by', async () => {
    const file = join(directory, 'proxy');
    writeFileSync(
      file,
      JSON.stringify({ clusters: [{ name: 'c', cluster: { server: 'https://x', 'proxy-url': 'http://p' } }] }),
    );
    await assert.rejects(KubeClient.fromDefault({ kubeconfig: file }), /proxy-url "http:\/\/p" is not supported/);
  });
});
