import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { SINCE } from '../../../src/kube/client/server-version.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const OVERLAYS = path.join(REPOSITORY, 'overlays');

interface Kustomization {
  readonly resources: readonly string[];
  readonly patchesJson6902?: readonly { readonly path: string; readonly target: { readonly name: string } }[];
}
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Definition {
  readonly spec: {
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}
interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: readonly { readonly jsonPath: string }[];
}

const read = (...parts: string[]): unknown => parse(readFileSync(path.join(...parts), 'utf8'));
const kustomization = (name: string) => read(OVERLAYS, name, 'kustomization.yaml') as Kustomization;
/** Oldest first. */
const versions = readdirSync(OVERLAYS)
  .map((name) => ({ name, minor: Number(/^kubernetes-1\.(\d+)$/.exec(name)?.[1]) }))
  .toSorted((a, b) => a.minor - b.minor);

describe('overlays/', () => {
  it('build on one another: the newest has all that older clusters have', () => {
    assert.ok(versions.length > 1);
    versions.forEach(({ name }, index) => {
      const { resources } = kustomization(name);
      const before = versions[index - 1];
      assert.equal(resources[0], before === undefined ? '../../manifests' : `../${before.name}`, name);
      for (const resource of resources) assert.ok(existsSync(path.join(OVERLAYS, name, resource)), resource);
      // Every file of the folder is used.
      const used = resources.filter((resource) => resource.endsWith('.yaml'));
      const patches = kustomization(name).patchesJson6902 ?? [];
      assert.deepEqual(
        [...used, ...patches.map((patch) => patch.path), 'kustomization.yaml'].toSorted(),
        readdirSync(path.join(OVERLAYS, name)).toSorted(),
      );
    });
  });

  it('select by fields only that every served version has as text, number or boolean', () => {
    const name = `kubernetes-1.${SINCE.selectableFields}`;
    const { patchesJson6902 = [] } = kustomization(name);
    assert.equal(patchesJson6902.length, 2);
    for (const { path: file, target } of patchesJson6902) {
      const crd = read(REPOSITORY, 'manifests', 'crds', `${target.name.split('.')[0] ?? ''}.yaml`) as Definition;
      const operations = read(OVERLAYS, name, file) as Operation[];
      // With fields in one version only the API server refuses the definition where they are asked for in another.
      assert.deepEqual(
        operations.map((operation) => [operation.op, operation.path]),
        crd.spec.versions.map((_, index) => ['add', `/spec/versions/${index}/selectableFields`]),
      );
      operations.forEach(({ value }, index) => {
        for (const { jsonPath } of value) {
          const schema = jsonPath
            .split('.')
            .slice(1)
            .reduce<Schema | undefined>(
              (at, key) => at?.properties?.[key],
              crd.spec.versions[index]?.schema.openAPIV3Schema,
            );
          assert.match(schema?.type ?? 'missing', /^(string|boolean|integer)$/, jsonPath);
        }
      });
    }
  });
});
