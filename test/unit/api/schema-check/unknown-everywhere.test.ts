import assert from 'node:assert/strict';
import { CRD_KINDS, openApiSchema } from '../../../../src/api/crd.js';
import {
  CHECKED_KINDS,
  checkSchema,
  schemaOf,
  type CheckedKind,
} from '../../../../src/api/schema-check/check-schema.js';
import type { SchemaNode } from '../../../../src/api/schema-check/schema-node.js';

/*
 * Nothing that a user writes is dropped in silence: every object of every kind refuses a field that it does not have,
 * or stands here with the reason why it does not.
 */

/** By the end of a path, with `[]` for a list's items and `{}` for a map's values. */
const OPEN: Readonly<Record<string, string>> = {
  'metadata.managedFields[].fieldsV1': 'the API server’s own record of who wrote what',
  'spec.template.metadata.managedFields[].fieldsV1': 'the same',
  'spec.dataVolumeTemplates[].metadata.managedFields[].fieldsV1': 'the same',
  'spec.dataVolumeTemplates[].status': 'nobody’s setting: exported DataVolumes have one',
  'spec.domain.devices.disks[].floppy': 'refused as a whole, by a rule',
  'spec.template.spec.domain.devices.disks[].floppy': 'refused as a whole, by a rule',
};
/** What controllers write, of whatever version. */
const isStatus = (path: string): boolean => path === 'status' || path.startsWith('status.');

/** Every object below a node that has fields, or none. */
const objectsIn = (node: SchemaNode, path = ''): string[] => {
  const at = (step: string): string => (path === '' ? step : `${path}.${step}`);
  const own = node.type === 'object' && node.additionalProperties === undefined ? [path] : [];
  return [
    ...own,
    ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => objectsIn(child, at(name))),
    ...(node.items === undefined ? [] : objectsIn(node.items, `${path}[]`)),
    ...(node.additionalProperties === undefined ? [] : objectsIn(node.additionalProperties, `${path}{}`)),
  ];
};

/** An object in which there is nothing but an unknown field at the end of a path; and the field's own path. */
const withUnknown = (path: string): { object: unknown; field: string } => {
  const steps = path.split('.').flatMap((step) => (step === '' ? [] : (step.match(/[^[\]{}]+|\[\]|\{\}/g) ?? [])));
  const object = steps.reduceRight<unknown>(
    (inner, step) => {
      if (step === '[]') return [inner];
      return { [step === '{}' ? 'key' : step]: inner };
    },
    { zzzzzzzz: 1 },
  );
  const field = `${path}.zzzzzzzz`.replaceAll('[]', '[0]').replaceAll('{}', '.key').replace(/^\./, '');
  return { object, field };
};

describe('an unknown field', () => {
  for (const kind of CHECKED_KINDS) {
    it(`is refused in every object of a ${kind}, but for those with a reason`, () => {
      const paths = objectsIn(schemaOf(kind));
      assert.ok(paths.length > 20);
      const silent = paths.filter((path) => {
        const { object, field } = withUnknown(path);
        return !checkSchema(kind, object).some((cause) => cause.field === field && cause.rule === 'schema.unknown');
      });
      assert.deepEqual(
        silent.filter((path) => !isStatus(path) && !Object.hasOwn(OPEN, path)),
        [],
      );
    });
  }

  it('is refused wherever the API server keeps it', () => {
    for (const { kind } of CRD_KINDS) {
      const crd = openApiSchema(kind, schemaOf(kind), '', () => undefined) as SchemaNode;
      const kept = objectsIn(crd).filter((path) => keeps(crd, path));
      assert.ok(kind !== 'VirtualMachine' || kept.includes('spec.template.metadata'), kept.join());
      assert.deepEqual(
        kept.filter((path) => !refuses(kind, path) && !Object.hasOwn(OPEN, path) && !isStatus(path)),
        [],
      );
    }
  });

  it('has no stale reasons', () => {
    const known = new Set(CHECKED_KINDS.flatMap((kind) => objectsIn(schemaOf(kind))));
    for (const path of Object.keys(OPEN)) assert.ok(known.has(path), path);
  });
});

const refuses = (kind: CheckedKind, path: string): boolean =>
  checkSchema(kind, withUnknown(path).object).some(({ rule }) => rule === 'schema.unknown');

const keeps = (root: SchemaNode, path: string): boolean => {
  let node: SchemaNode | undefined = root;
  for (const step of path.split('.').flatMap((one) => one.match(/[^[\]{}]+|\[\]|\{\}/g) ?? [])) {
    node = step === '[]' ? node?.items : step === '{}' ? node?.additionalProperties : node?.properties?.[step];
  }
  return node?.['x-kubernetes-preserve-unknown-fields'] === true;
};
