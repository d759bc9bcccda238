import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { parse, parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../../src/kube/types.js';
import { KUBERNETES_BIN } from '../../cluster/settings.js';
import { buildPrograms } from '../../support/built-program.js';
import { cleanEnvironment, root } from '../kubectl-virt/plugin.js';

const KEPT = 'helm.sh/resource-policy';
const RENDERER = fileURLToPath(new URL('render-chart/main.go', import.meta.url));
/** Where Debian's packages have the sources of Go's libraries. */
const go = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '', CGO_ENABLED: '0' };

describe('npm run release', function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), 'release-'));
  const at = (...parts: string[]): string => join(directory, ...parts);
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  const plugin = `kubectl-virt-v${version}.tar.gz`;
  const helm = `kubectl-virt-chart-${version}.tgz`;
  const release = (output: string) =>
    execFileSync('npx', ['tsx', 'scripts/release/main.ts', '--output', output, '--base-url', 'https://files.test/v/'], {
      cwd: root,
      encoding: 'utf8',
    });

  before(() => {
    buildPrograms('kubectl-virt');
    release(at('first'));
    for (const [archive, to] of [
      [plugin, 'plugin'],
      [helm, 'chart'],
    ] as const) {
      mkdirSync(at(to));
      execFileSync('tar', ['-xf', at('first', archive), '-C', at(to)]);
    }
    execFileSync('go', ['build', '-o', at('render-chart'), RENDERER], { env: { ...go, GOCACHE: at('go-cache') } });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const OURS = 'kubevirt.io/v1/KubeVirt';
  const render = (values: object, kubernetes: string, namespace = 'default', kinds = [OURS]) =>
    spawnSync(at('render-chart'), [at('chart/kubectl-virt'), JSON.stringify(values), kubernetes, namespace, ...kinds], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
  /** By kind, namespace and name. */
  const objects = (text: string): Record<string, KubernetesObject> =>
    Object.fromEntries(
      parseAllDocuments(text)
        .map((document) => document.toJS({ maxAliasCount: -1 }) as KubernetesObject | null)
        .filter((object) => object !== null)
        .map((object) => {
          const { kind = '', metadata } = object;
          return [`${kind} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`, object];
        }),
    );
  const rendered = (...[values, kubernetes]: Parameters<typeof render>) => {
    const { status, stdout, stderr } = render(values, kubernetes);
    assert.equal(status, 0, stderr);
    return objects(stdout);
  };
  /** Without what only Helm reads. */
  const withoutHelm = (all: Record<string, KubernetesObject>): Record<string, KubernetesObject> =>
    Object.fromEntries(
      Object.entries(all).map(([key, object]) => {
        const { annotations = {}, ...metadata } = object.metadata ?? {};
        const others = Object.entries(annotations).filter(([name]) => name !== KEPT);
        const some = others.length > 0 ? { annotations: Object.fromEntries(others) } : {};
        return [key, { ...object, metadata: { ...metadata, ...some } }];
      }),
    );
  /** kubectl 1.20's kustomize, which takes no directories: what the overlays add is added here. */
  const kustomized = (of: string): Record<string, KubernetesObject> => {
    const { resources, patchesJson6902 = [] } = parse(readFileSync(join(root, of, 'kustomization.yaml'), 'utf8')) as {
      resources: readonly string[];
      patchesJson6902?: readonly { path: string; target: { kind: string; name: string } }[];
    };
    if (of === 'manifests') {
      const kustomize = ['kustomize', join(root, of)];
      return objects(
        execFileSync(join(KUBERNETES_BIN, 'kubectl'), kustomize, { encoding: 'utf8', maxBuffer: 2 ** 26 }),
      );
    }
    const all = Object.assign(
      {},
      ...resources.map((resource) =>
        resource.endsWith('.yaml')
          ? objects(readFileSync(join(root, of, resource), 'utf8'))
          : kustomized(join(of, resource)),
      ),
    ) as Record<string, KubernetesObject>;
    for (const { path, target } of patchesJson6902) {
      const operations = parse(readFileSync(join(root, of, path), 'utf8')) as Operation[];
      fastJsonPatch.applyPatch(all[`${target.kind} /${target.name}`], operations);
    }
    return all;
  };

  describe('the chart', () => {
    for (const [kubernetes, of] of [
      ['v1.20.2', 'manifests'],
      ['v1.21.0', 'overlays/kubernetes-1.21'],
      ['v1.29.9', 'overlays/kubernetes-1.21'],
      ['v1.30.0-gke.100', 'overlays/kubernetes-1.30'],
      ['v1.36.1', 'overlays/kubernetes-1.31'],
    ] as const)
      it(`renders for ${kubernetes} what kustomize makes of ${of}`, () => {
        assert.deepEqual(withoutHelm(rendered({}, kubernetes)), kustomized(of));
      });

    it('leaves every definition, and with it every VM, when it is uninstalled', () => {
      const definitions = Object.values(rendered({ dataVolumes: true }, 'v1.36.1')).filter(
        ({ kind }) => kind === 'CustomResourceDefinition',
      );
      assert.ok(definitions.length > 10);
      for (const { metadata } of definitions) assert.equal(metadata?.annotations?.[KEPT], 'keep', metadata?.name);
      const others = Object.values(rendered({ dataVolumes: true }, 'v1.36.1')).filter(
        ({ kind }) => kind !== 'CustomResourceDefinition',
      );
      for (const { metadata } of others) assert.equal(metadata?.annotations?.[KEPT], undefined, metadata?.name);
    });

    it('takes images, a number of replicas, settings, and the importer’s DataVolumes', () => {
      const images = { control: 'registry.test/c@sha256:1', launcher: 'registry.test/l:2', pullPolicy: 'IfNotPresent' };
      const configuration = { developerConfiguration: { useEmulation: true } };
      const all = rendered({ images, replicas: 3, configuration, dataVolumes: true }, 'v1.36.1');
      const text = JSON.stringify(all);
      assert.ok(!text.includes('localhost/') && !text.includes('"imagePullPolicy":"Never"'));
      assert.equal(text.split(images.control).length - 1, 3);
      assert.equal(text.split(images.launcher).length - 1, 2);
      assert.ok(text.includes(`--launcher-image=${images.launcher}`));
      for (const name of ['virt-webhook', 'virt-controller'])
        assert.equal((all[`Deployment kubevirt/${name}`] as { spec?: { replicas?: number } }).spec?.replicas, 3);
      assert.deepEqual((all['KubeVirt kubevirt/kubevirt'] as { spec?: unknown }).spec, { configuration });
      assert.ok(all['CustomResourceDefinition /datavolumes.cdi.kubevirt.io']);
    });

    it('says what to do where the settings come before the kind that they are of', () => {
      const { status, stderr } = render({ configuration: { featureGates: [] } }, 'v1.36.1', 'default', []);
      assert.equal(status, 1);
      assert.match(stderr, /install without it first, then helm upgrade with it/);
    });

    it('takes a value as it is, whatever YAML would make of it', () => {
      const images = { control: 'a: b', launcher: '"c" #d', pullPolicy: 'Always' };
      const text = JSON.stringify(rendered({ images }, 'v1.36.1'));
      for (const what of ['"a: b"', '"--launcher-image=\\"c\\" #d"', '"\\"c\\" #d"'])
        assert.ok(text.includes(what), what);
    });

    it('refuses to make the namespace that Helm is told to install into, and says what to do', () => {
      const { status, stderr } = render({}, 'v1.36.1', 'kubevirt');
      assert.equal(status, 1);
      assert.match(stderr, /install it without --namespace kubevirt/);
    });

    it('knows no value but those that it describes', () => {
      const schema = JSON.parse(readFileSync(at('chart/kubectl-virt/values.schema.json'), 'utf8')) as {
        additionalProperties: boolean;
        properties: Record<string, object>;
      };
      const values = parse(readFileSync(at('chart/kubectl-virt/values.yaml'), 'utf8')) as Record<string, unknown>;
      assert.equal(schema.additionalProperties, false);
      assert.deepEqual(
        Object.keys(values).toSorted(),
        Object.keys(schema.properties)
          .filter((name) => name !== 'global')
          .toSorted(),
      );
    });
  });

  describe('the plugin’s archive', () => {
    it('has what the plugin needs, and nothing of this machine: it lints, and is called by krew’s link', () => {
      symlinkSync(at('plugin/bin/kubectl-virt'), at('kubectl-virt'));
      const run = (...args: string[]) =>
        spawnSync(at('kubectl-virt'), args, { encoding: 'utf8', env: cleanEnvironment(), cwd: tmpdir() });
      assert.match(run('version', '--client').stdout, new RegExp(version.replaceAll('.', '\\.')));
      const manifest = at('vmi.yaml');
      writeFileSync(manifest, readFileSync(`${root}manifests/examples/demo-vmi.yaml`));
      const lint = run('lint', '-f', manifest);
      assert.deepEqual([lint.status, lint.stdout], [0, ''], lint.stderr);
      assert.deepEqual(readdirSync(at('plugin')).toSorted(), ['LICENSE', 'bin', 'dist']);
    });

    it('says so where half of it is missing', () => {
      execFileSync('cp', ['-r', at('plugin'), at('half')]);
      for (const file of readdirSync(at('half/dist'))) if (file.endsWith('.chunks')) rmSync(at('half/dist', file));
      const { status, stderr } = spawnSync(at('half/bin/kubectl-virt'), ['lint', '-f', at('vmi.yaml')], {
        encoding: 'utf8',
        env: cleanEnvironment(),
      });
      assert.equal(status, 1);
      assert.match(stderr, /^error: kubectl-virt is not complete: kubectl-virt\.\w+\.chunks is missing/);
    });

    it('is what krew’s manifest says, by its checksum', () => {
      const manifest = parse(readFileSync(at('first', 'virt.yaml'), 'utf8')) as {
        spec: { version: string; platforms: { uri: string; sha256: string; bin: string }[] };
      };
      const [platform] = manifest.spec.platforms;
      assert.equal(manifest.spec.version, `v${version}`);
      assert.equal(platform?.uri, `https://files.test/v/${plugin}`);
      const sums = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: at('first'), encoding: 'utf8' });
      assert.equal(sums.match(/: OK$/gm)?.length, 3);
      assert.ok(readFileSync(at('first', 'SHA256SUMS'), 'utf8').includes(`${platform.sha256}  ${plugin}`));
      assert.ok(readdirSync(at('plugin/bin')).includes('kubectl-virt') && platform.bin === 'bin/kubectl-virt');
    });

    it('is the same, byte by byte, when it is made again', () => {
      release(at('second'));
      assert.deepEqual(
        readFileSync(at('second', 'SHA256SUMS'), 'utf8'),
        readFileSync(at('first', 'SHA256SUMS'), 'utf8'),
      );
    });
  });

  it('says what a base URL is where it is given none', () => {
    const { status, stderr } = spawnSync('npx', ['tsx', 'scripts/release/main.ts', '--base-url', 'here'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /--base-url is "here": write where/);
  });
});
