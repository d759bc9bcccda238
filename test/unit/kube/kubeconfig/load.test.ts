import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { loadKubeconfig } from '../../../../src/kube/kubeconfig/load.js';
import { simple, useDirectory } from './kubeconfig-files.js';

describe('kubeconfig: files and their merging', () => {
  const { path, write } = useDirectory();

  it('takes the first file that names an entry, and all entries of all files', async () => {
    const first = write('first', {
      'current-context': '',
      clusters: [{ name: 'k', cluster: { server: 'https://first' } }],
      contexts: null,
    });
    const second = write('second', {
      'current-context': 'c2',
      clusters: [
        { name: 'k', cluster: { server: 'https://second' } },
        { name: 'l', cluster: { server: 'https://l' } },
      ],
      users: null,
    });
    const env = { KUBECONFIG: [first, path('missing'), second, first].join(':') };
    const config = await loadKubeconfig(undefined, env);
    assert.equal(config.currentContext, 'c2');
    assert.equal(config.clusters.get('k')!.server, 'https://first');
    assert.equal(config.clusters.get('l')!.server, 'https://l');
    assert.deepEqual(config.files, [first, second]);
  });

  it('prefers --kubeconfig to $KUBECONFIG and that to ~/.kube/config', async () => {
    mkdirSync(path('.kube'));
    write('.kube/config', { 'current-context': 'home' });
    const listed = write('listed', { 'current-context': 'listed' });
    const flagged = write('flagged', { 'current-context': 'flagged' });
    const env = { HOME: path(''), KUBECONFIG: listed };
    assert.equal((await loadKubeconfig(flagged, env)).currentContext, 'flagged');
    assert.equal((await loadKubeconfig(undefined, env)).currentContext, 'listed');
    assert.equal((await loadKubeconfig(undefined, { HOME: path('') })).currentContext, 'home');
  });

  it('resolves paths against the file that has them', async () => {
    const user = { 'client-certificate': 'c.pem', tokenFile: '/abs', exec: { command: './plugin' } };
    const file = write('config', simple(user, { 'certificate-authority': 'ca.pem' }));
    const config = await loadKubeconfig(file, {});
    assert.equal(config.clusters.get('k')!['certificate-authority'], path('ca.pem'));
    assert.equal(config.users.get('u')!['client-certificate'], path('c.pem'));
    assert.equal(config.users.get('u')!.tokenFile, '/abs');
    assert.equal(config.users.get('u')!.exec!.command, path('plugin'));
  });

  it('reads YAML of every style', async () => {
    const file = write('flow', 'clusters: [{name: k, cluster: {server: "https://a"}}]\n# comment\nusers: null\n');
    assert.equal((await loadKubeconfig(file, {})).clusters.get('k')!.server, 'https://a');
  });

  it('names the file that it cannot read', async () => {
    await assert.rejects(loadKubeconfig(path('none'), {}), /cannot read the kubeconfig .*none/);
    await assert.rejects(loadKubeconfig(write('bad', 'a: [1'), {}), /cannot read the kubeconfig .*bad/);
    await assert.rejects(loadKubeconfig(write('list', '- a'), {}), /not a mapping/);
  });
});
