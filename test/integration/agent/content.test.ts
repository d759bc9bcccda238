import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { prepareVolumes } from '../../../src/agent/volumes/prepare.js';
import { LocalWorkspace } from '../../../src/agent/workspace/local-workspace.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';

/**
 * Images made of what kubelet mounts, with xorriso and as an ordinary user, read back by their names in both
 * directories.
 */
describe('images of ConfigMaps, Secrets and their like', function () {
  this.timeout(300_000);
  let directory: string;
  let workspace: LocalWorkspace;
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'virt content=$(x)-'));
    mkdirSync(join(directory, 'vm'));
    if (user) for (const path of [directory, join(directory, 'vm')]) chownSync(path, user.uid, user.gid);
    workspace = new LocalWorkspace(join(directory, 'vm'), user);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const prepare = (volume: Volume, metadata: VirtualMachineInstance['metadata'] = {}) =>
    prepareVolumes(
      {
        metadata: { name: 'web', namespace: 'shop', ...metadata },
        spec: { domain: { devices: {} }, volumes: [volume] },
      },
      workspace,
      { imageSource: () => Promise.reject(new Error('no image here')), memoryLimitBytes: 2n ** 31n },
    );

  /** As kubelet writes a volume: the files in a directory of this version, and links to them. */
  const mount = (volume: string, files: Readonly<Record<string, string | Buffer>>): void => {
    const at = workspace.paths.content(volume);
    const version = join(at, '..2026_11_25_10_00_00.123456789');
    mkdirSync(version, { recursive: true });
    symlinkSync('..2026_11_25_10_00_00.123456789', join(at, '..data'));
    for (const [name, data] of Object.entries(files)) {
      mkdirSync(dirname(join(version, name)), { recursive: true });
      writeFileSync(join(version, name), data);
    }
    for (const name of readdirSync(version)) symlinkSync(join('..data', name), join(at, name));
  };

  /** Every file in an image by its path. `names`: of Rock Ridge, or those that Windows sees. */
  const contents = (iso: string, names: 'rock' | 'joliet' = 'rock'): Record<string, string> => {
    const target = mkdtempSync(join(directory, 'extracted-'));
    const read = names === 'rock' ? [] : ['-read_fs', 'norock'];
    execFileSync('xorriso', [...read, '-osirrox', 'on', '-indev', iso, '-extract', '/', target], { stdio: 'ignore' });
    const found: Record<string, string> = {};
    const walk = (path: string): void => {
      for (const entry of readdirSync(join(target, path), { withFileTypes: true })) {
        const inside = join(path, entry.name);
        if (entry.isDirectory()) walk(inside);
        else found[inside] = entry.isFile() ? readFileSync(join(target, inside), 'utf8') : `a ${entry.name} of no kind`;
      }
    };
    walk('');
    return found;
  };
  const label = (iso: string): string | undefined =>
    /Volume Id *: (.*)/.exec(execFileSync('xorriso', ['-indev', iso, '-pvd_info'], { stdio: 'pipe' }).toString())?.[1];

  it('holds the keys of a ConfigMap as files, and nothing of kubelet’s own', async () => {
    mount('conf', { 'app.conf': 'a=1\n', '.hidden': 'h', empty: '' });
    assert.equal((await prepare({ name: 'conf', configMap: { name: 'app' } }))['conf']?.format, 'raw');
    const iso = workspace.paths.contentIso('conf');
    const wanted = { 'app.conf': 'a=1\n', '.hidden': 'h', empty: '' };
    assert.deepEqual(contents(iso), wanted);
    assert.deepEqual(contents(iso, 'joliet'), wanted);
    assert.equal(label(iso), 'cfgdata');
  });

  it('takes names as they are, whatever they would mean to a shell or to xorriso', async () => {
    const names = [
      'with space',
      'a=b',
      '/x=/etc/passwd'.replaceAll('/', '\\'),
      '-rf',
      '*',
      '$(id)',
      'ü',
      '"q"',
      "'",
      'a\nb',
    ];
    const files = Object.fromEntries(names.map((name) => [name, `content of ${name}`]));
    mount('odd', files);
    await prepare({ name: 'odd', secret: { secretName: 's' } });
    assert.deepEqual(contents(workspace.paths.contentIso('odd')), files);
  });

  it('keeps the longest names whole, for Windows up to 103 characters', async () => {
    const [longest, windows] = ['k'.repeat(253), 'w'.repeat(103)];
    mount('long', { [longest]: '1', [windows]: '2' });
    await prepare({ name: 'long', configMap: { name: 'long' } });
    const iso = workspace.paths.contentIso('long');
    assert.deepEqual(contents(iso), { [longest]: '1', [windows]: '2' });
    assert.equal(contents(iso, 'joliet')[windows], '2');
  });

  it('holds 10,000 keys', async () => {
    mount('many', Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key-${n}`, String(n)])));
    await prepare({ name: 'many', configMap: { name: 'many' } });
    const iso = workspace.paths.contentIso('many');
    const found = contents(iso);
    assert.equal(Object.keys(found).length, 10_000);
    for (const [name, text] of Object.entries(found)) assert.equal(name, `key-${text}`);
    assert.ok(statSync(iso).size < 64 * 2 ** 20, String(statSync(iso).size));
  });

  it('is empty where an optional ConfigMap does not exist, and has the directories of a downward API', async () => {
    mount('none', {});
    await prepare({ name: 'none', configMap: { name: 'none', optional: true } });
    assert.deepEqual(contents(workspace.paths.contentIso('none')), {});
    mount('info', { 'pod/labels': 'app="web"\n', 'pod/deep/name': 'x', uid: '1' });
    await prepare({ name: 'info', downwardAPI: { fields: [], volumeLabel: 'my info' } });
    const iso = workspace.paths.contentIso('info');
    assert.deepEqual(contents(iso), { 'pod/labels': 'app="web"\n', 'pod/deep/name': 'x', uid: '1' });
    assert.equal(label(iso), 'my info');
  });

  it('is made once: an update reaches the pod, not the guest that runs', async () => {
    mount('conf', { key: 'old' });
    const volume: Volume = { name: 'conf', configMap: { name: 'app' } };
    await prepare(volume);
    writeFileSync(join(workspace.paths.content('conf'), '..data', 'key'), 'new');
    await prepare(volume);
    assert.deepEqual(contents(workspace.paths.contentIso('conf')), { key: 'old' });
  });

  it('does not take the torn image of a killed attempt for a whole one', async () => {
    mount('conf', { key: 'value' });
    const iso = workspace.paths.contentIso('conf');
    mkdirSync(dirname(iso), { recursive: true });
    writeFileSync(`${iso}.1.staging`, Buffer.alloc(3_000_000, 'x'));
    if (user) for (const path of [dirname(iso), `${iso}.1.staging`]) chownSync(path, user.uid, user.gid);
    await prepare({ name: 'conf', configMap: { name: 'app' } });
    assert.deepEqual(contents(iso), { key: 'value' });
  });

  it('waits for kubelet, and follows a link of nobody else', async () => {
    const volume: Volume = { name: 'conf', configMap: { name: 'app' } };
    await assert.rejects(prepare(volume), { permanent: false, message: /volume conf: kubelet has put nothing into/ });
    const at = workspace.paths.content('conf');
    mkdirSync(at, { recursive: true });
    for (const target of ['/etc', '../../..', '..', '.']) {
      symlinkSync(target, join(at, '..data'));
      await assert.rejects(prepare(volume), /kubelet has put nothing into/, target);
      rmSync(join(at, '..data'));
    }
  });

  it('says what xorriso cannot do, and leaves no image behind', async () => {
    mount('conf', { key: 'value' });
    const volume: Volume = { name: 'conf', configMap: { name: 'app', volumeLabel: 'l'.repeat(33) } };
    await assert.rejects(prepare(volume), /volume conf: the image of its files could not be made: [^]*Text too long/);
    assert.throws(() => statSync(workspace.paths.contentIso('conf')), /ENOENT/);
  });

  for (const name of ['autounattend.xml', 'Unattend.XML'])
    it(`takes ${name} for Windows' answers`, async () => {
      mount('win', { [name]: '<unattend/>', 'more.txt': '' });
      await prepare({ name: 'win', sysprep: { configMap: { name: 'answers' } } });
      const iso = workspace.paths.contentIso('win');
      assert.equal(contents(iso, 'joliet')[name], '<unattend/>');
      assert.equal(label(iso), 'unattendCD');
    });

  it('refuses Windows’ answers under another name', async () => {
    mount('win', { 'xautounattend.xml': '', 'unattend.xml.bak': '', 'sub/unattend.xml': '' });
    await assert.rejects(
      prepare({ name: 'win', sysprep: { secret: { name: 'answers' } } }),
      /Secret answers has neither key autounattend\.xml nor unattend\.xml/,
    );
  });

  it('gives a guest its service account', async () => {
    mount('account', { token: 'ey.J', 'ca.crt': 'pem', namespace: 'shop' });
    await prepare({ name: 'account', serviceAccount: { serviceAccountName: 'robot' } });
    const files = contents(workspace.paths.contentIso('account'));
    assert.deepEqual(files, { token: 'ey.J', 'ca.crt': 'pem', namespace: 'shop' });
  });

  describe('for cloud-init’s config drive', () => {
    const uid = '6f1dbdcc-0be8-4f43-9f58-c2abbd5a0001';
    const meta = (more = {}) => ({ instance_id: 'web.shop', hostname: 'web', uuid: uid, ...more });

    it('has OpenStack’s layout', async () => {
      const networkDataBase64 = Buffer.from('{"links":[]}').toString('base64');
      const volume: Volume = { name: 'init', cloudInitConfigDrive: { userData: '#cloud-config\n', networkDataBase64 } };
      await prepare(volume, { uid, annotations: { 'kubevirt.io/cluster-instancetype-name': 'u1.small' } });
      const iso = workspace.paths.cloudInitIso('init');
      const files = contents(iso);
      assert.deepEqual(files, {
        'openstack/latest/user_data': '#cloud-config\n',
        'openstack/latest/meta_data.json': JSON.stringify({ instance_type: 'u1.small', ...meta() }),
        'openstack/latest/network_data.json': '{"links":[]}',
      });
      assert.deepEqual(contents(iso, 'joliet'), files);
      assert.equal(label(iso), 'config-2');
      assert.throws(() => statSync(`${iso}.data`), /ENOENT/, 'what it was made of may hold passwords');
    });

    it('takes its data from Secrets, in either spelling', async () => {
      const refs = { secretRef: { name: 's' }, networkDataSecretRef: { name: 'n' } };
      const volume: Volume = { name: 'init', cloudInitConfigDrive: refs };
      await assert.rejects(prepare(volume, { uid }), /Secret s has none of the keys userdata, userData/);
      const at = workspace.paths.secret('init');
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, 'userData'), 'from s');
      await assert.rejects(prepare(volume, { uid }), /Secret n has none of the keys networkdata, networkData/);
      writeFileSync(join(at, 'networkdata'), 'from n');
      await prepare(volume, { uid });
      assert.deepEqual(contents(workspace.paths.cloudInitIso('init')), {
        'openstack/latest/user_data': 'from s',
        'openstack/latest/meta_data.json': JSON.stringify(meta()),
        'openstack/latest/network_data.json': 'from n',
      });
    });

    it('names its own fields in an error', async () => {
      const volume = (source: object): Volume => ({ name: 'init', cloudInitConfigDrive: source });
      await assert.rejects(prepare(volume({})), /volume init: cloudInitConfigDrive has no data/);
      const bad = volume({ userDataBase64: 'a?b' });
      await assert.rejects(prepare(bad), /cloudInitConfigDrive\.userDataBase64 is not valid base64/);
    });
  });
});
