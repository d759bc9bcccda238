import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { definitions, generate, instancetypeDefinitions, policyDefinitions } from '../../../scripts/generate.js';
import { NOT_ACTED_ON } from '../../../src/api/settings/acted-on.js';
import { CHECKED_KINDS, schemaOf } from '../../../src/api/schema-check/check-schema.js';
import type { SchemaNode } from '../../../src/api/schema-check/schema-node.js';

const root = new URL('../../../', import.meta.url);
/** kubectl apply keeps the whole object in an annotation, and all annotations together may have 256 KiB. */
const ANNOTATION_LIMIT = 256 * 1024;

type Node = Omit<SchemaNode, 'properties' | 'items' | 'additionalProperties'> & {
  properties?: Record<string, Node>;
  items?: Node;
  additionalProperties?: Node;
};
interface Version {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  subresources?: object;
  schema: { openAPIV3Schema: Node };
}
const versionsOf = (crd: unknown): Version[] => (crd as { spec: { versions: Version[] } }).spec.versions;

/** Checks the rules of structural schemas that the API server would enforce, and that every field has words. */
const checkNode = (node: Node, path: string, explained: boolean): void => {
  const typed = typeof node.type === 'string' || node['x-kubernetes-int-or-string'] === true;
  assert.ok(typed, `${path} has no type`);
  assert.ok(!(node.properties && node.additionalProperties), `${path} has properties and additionalProperties`);
  for (const word of ['$ref', 'oneOf', 'allOf', 'not', 'definitions', '~kind', 'const'])
    assert.ok(!(word in node), `${path} has ${word}`);
  if (node.type === 'array') assert.ok(node.items, `${path} has no items`);
  if (node['x-kubernetes-list-type'] === 'map') {
    const { required = [], properties = {} } = node.items ?? {};
    for (const key of node['x-kubernetes-list-map-keys'] ?? [])
      assert.ok(required.includes(key) || properties[key]?.default !== undefined, `${path} key ${key}`);
  }
  if (node.items) checkNode(node.items, `${path}[]`, explained);
  if (node.additionalProperties) checkNode(node.additionalProperties, `${path}{}`, explained);
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    if (path.endsWith('.yaml') && name === 'metadata') assert.deepEqual(child, { type: 'object' });
    else if (explained) assert.ok((child.description ?? '').length >= 8, `${path}.${name} has no description`);
    checkNode(child, `${path}.${name}`, explained);
  }
};

const exists = (schema: SchemaNode, path: string): boolean => {
  const steps = path.split('.');
  return (
    steps.reduce<SchemaNode | undefined>((node, step) => {
      const child = node?.properties?.[step.replace('[]', '')];
      return step.endsWith('[]') ? child?.items : child;
    }, schema) !== undefined
  );
};

describe('api/crd', () => {
  it('is current in manifests/crds', async function () {
    this.timeout(0);
    for (const [path, text] of await generate()) {
      if (!path.startsWith('manifests/crds/')) continue;
      assert.equal(await readFile(new URL(path, root), 'utf8'), text, `${path} is not current; run npm run generate`);
    }
  });

  it('is structural, explains every field and fits into an annotation', async () => {
    for (const [path, crd] of await definitions()) {
      assert.ok(JSON.stringify(crd).length < ANNOTATION_LIMIT, `${path} is too large for kubectl apply`);
      assert.deepEqual(
        versionsOf(crd).map((v) => [v.name, v.served, v.storage, v.deprecated ?? false]),
        [
          ['v1', true, true, false],
          ['v1alpha3', true, false, true],
          ['v1alpha2', true, false, true],
        ],
      );
      for (const version of versionsOf(crd)) checkNode(version.schema.openAPIV3Schema, path, version.name === 'v1');
    }
  });

  it('of policies is so too, and keeps what it does not know below spec, for the webhook to refuse', async () => {
    const open = (node: Node, path: string): void => {
      if (node.properties === undefined && node.items === undefined) return;
      if (node.properties !== undefined)
        assert.equal(node['x-kubernetes-preserve-unknown-fields'], true, `${path} drops fields without a word`);
      if (node.items) open(node.items, `${path}[]`);
      for (const [name, child] of Object.entries(node.properties ?? {})) open(child, `${path}.${name}`);
    };
    const all = await policyDefinitions();
    assert.equal(all.size, 3);
    for (const [path, crd] of all) {
      assert.ok(JSON.stringify(crd).length < ANNOTATION_LIMIT);
      const [version] = versionsOf(crd);
      const { openAPIV3Schema: schema } = version!.schema;
      checkNode(schema, path, true);
      assert.deepEqual(version!.subresources, { status: {} });
      open(schema.properties!['spec']!, 'spec');
      // Below it old versions of kubectl explain nothing: it names what there is.
      const words = schema.properties!['spec']!.description ?? '';
      const fields = Object.keys(schema.properties!['spec']!.properties ?? {});
      const unnamed = fields.filter((name) => !words.includes(name));
      assert.deepEqual(unnamed, [], path);
    }
  });

  it('of instance types and preferences is so too', async () => {
    const all = await instancetypeDefinitions();
    assert.equal(all.size, 4);
    for (const [path, crd] of all) {
      assert.ok(JSON.stringify(crd).length < ANNOTATION_LIMIT);
      for (const version of versionsOf(crd)) checkNode(version.schema.openAPIV3Schema, path, true);
    }
  });

  it('reads for kubectl, which takes YAML 1.1, as it was meant: Off is no false', async () => {
    for (const [path, text] of await generate()) {
      if (!path.startsWith('manifests/crds/')) continue;
      const [read, meant] = ['1.1', '1.2'].map((version) => parse(text, { version: version as '1.1' }) as object);
      assert.deepEqual(read, meant, path);
    }
  });

  it('gives the VMI no status subresource', async () => {
    const crd = (await definitions()).get('manifests/crds/virtualmachineinstances.yaml');
    assert.ok(versionsOf(crd).every((version) => version.subresources === undefined));
  });

  for (const kind of CHECKED_KINDS) {
    it(`lists only fields of ${kind} as not acted on`, () => {
      const paths = NOT_ACTED_ON[kind].map(({ path }) => path);
      assert.equal(new Set(paths).size, paths.length);
      for (const path of paths) assert.ok(exists(schemaOf(kind), `spec.${path}`), path);
    });
  }
});
