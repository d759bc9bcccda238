import { CHECKED_KINDS } from '../../../src/api/schema-check/check-schema.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { Cause } from '../../../src/api/cause.js';
import type { PolicyKind } from '../../../src/policies/environments.js';
import type { Io } from '../io.js';
import type { Admitted } from '../offline/admission.js';
import type { Manifest } from '../offline/manifests.js';
import { valueAt } from './finding.js';
import { causesOf, isJudged } from './judge.js';
import { setFields } from './set-fields.js';
import { isInline } from './test-file.js';
import type { FileReference } from './test-schema.js';

/*
 * The objects of cases: inline, or of a file with some fields set; with the product's defaults, as policies see them.
 */

/** A case that cannot be judged; at which of its fields. */
export class CaseError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

export interface TestObject {
  readonly kind: PolicyKind;
  readonly object: unknown;
  /** What the product's rules refuse of it. */
  readonly causes: readonly Cause[];
}

/** A file that holds one of our objects, or the one that is meant. */
const chosen = (
  manifests: readonly Manifest[],
  { file, kind, name }: FileReference,
): Record<string, unknown> | string => {
  const machines = manifests.filter(
    ({ object }) =>
      isJudged(object['kind']) &&
      (kind === undefined || object['kind'] === kind) &&
      (name === undefined || valueAt(object, 'metadata.name') === name),
  );
  const [one, ...more] = machines;
  if (one !== undefined && more.length === 0) return one.object;
  const which = [kind, name].filter((word) => word !== undefined).join(' ');
  return one === undefined
    ? `${file} holds no ${which === '' ? 'virtual machine' : which}`
    : `${file} holds ${machines.length} of them; say which by kind and name`;
};

export class ObjectReader {
  private readonly known = new Map<string, readonly Manifest[]>();

  constructor(
    private readonly io: Io,
    private readonly pathOf: (path: string) => string,
    private readonly config: ClusterConfig,
  ) {}

  get files(): readonly string[] {
    return [...this.known.keys()];
  }

  /** @throws CaseError for what is no virtual machine */
  async read(given: Readonly<Record<string, unknown>>, field: string): Promise<TestObject> {
    const object = isInline(given) ? given : await this.fromFile(given as unknown as FileReference, field);
    const { admitAll } = await import('../offline/admission.js');
    const { admitted, findings } = admitAll({ manifests: [inline(object)], problems: [], notes: [] }, this.config);
    const [one] = admitted;
    if (one === undefined || !isJudged(one.kind))
      throw new CaseError(field, findings[0]?.message ?? `the object is no ${CHECKED_KINDS.slice(0, 3).join(', ')}`);
    if (!one.shaped) throw new CaseError(field, `${one.kind} has not its form: ${shapeOf(one)}`);
    return { kind: one.kind, object: one.object, causes: causesOf(one) };
  }

  private async fromFile(reference: FileReference, field: string): Promise<Record<string, unknown>> {
    const path = this.pathOf(reference.file);
    const known = this.known.get(path) ?? (await this.manifests(path));
    this.known.set(path, known);
    const object = chosen(known, reference);
    if (typeof object === 'string') throw new CaseError(field, object);
    const { object: made, wrong } = setFields(object, reference.set ?? {});
    const [first] = wrong;
    if (first !== undefined) throw new CaseError(field, `set ${first.path}: ${first.reason}`);
    return made;
  }

  private async manifests(path: string): Promise<readonly Manifest[]> {
    const { readManifests } = await import('../offline/manifests.js');
    return (await readManifests(this.io, { files: [path] })).manifests;
  }
}

const shapeOf = ({ findings }: Admitted): string =>
  findings.find(({ severity }) => severity === 'error')?.message ?? '';

const START = { line: 1, column: 1 };
const inline = (object: Record<string, unknown>): Manifest => ({
  ...{ file: '', object, positionOf: () => START, positionWithin: () => START },
  ...{ sourceOf: () => undefined, isOpen: () => false },
});
