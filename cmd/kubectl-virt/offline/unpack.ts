import { isTemplate, processTemplate, type ProcessedTemplate } from './openshift-template.js';
import { isRecord } from '../../../src/api/record.js';

/** What one document holds: itself, or the objects that it wraps. */

export interface Unpacked {
  readonly object: Record<string, unknown>;
  /** Where it is in the document; empty for the document itself. */
  readonly path: string;
  /** What became of a text with parameters in it. */
  readonly texts: Texts;
}

type Texts = Pick<ProcessedTemplate, 'isOpen' | 'isFilled'>;
const no = (): boolean => false;

export interface Contents {
  readonly objects: readonly Unpacked[];
  /** Paths of what should be objects and are not. */
  readonly wrong: readonly string[];
  /** Parameters of Templates that have no value, and where the Template is. */
  readonly missing: readonly { readonly path: string; readonly parameters: readonly string[] }[];
}

const below = (path: string, step: string): string => (path === '' ? step : `${path}.${step}`);

const together = (all: readonly Contents[]): Contents => ({
  objects: all.flatMap(({ objects }) => objects),
  wrong: all.flatMap(({ wrong }) => wrong),
  missing: all.flatMap(({ missing }) => missing),
});

/**
 * A List, be it `List` or one of a kind, such as `VirtualMachineList`, and OpenShift's Template are taken apart, one in
 * the other too.
 */
export const unpack = (value: unknown, path = '', texts: Texts = { isOpen: no, isFilled: no }): Contents => {
  if (!isRecord(value)) return { objects: [], wrong: [path], missing: [] };
  const { items, kind } = value;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    return together(items.map((item: unknown, index) => unpack(item, below(path, `items[${index}]`), texts)));
  }
  if (!isTemplate(value)) return { objects: [{ object: value, path, texts }], wrong: [], missing: [] };
  const template = processTemplate(value);
  const inside = together(
    template.objects.map((object, index) => unpack(object, below(path, `objects[${index}]`), template)),
  );
  const { missing } = template;
  return missing.length === 0
    ? inside
    : { ...inside, missing: [...inside.missing, { path: below(path, 'parameters'), parameters: missing }] };
};
