/*
 * OpenShift's Template: objects with parameters such as `${NAME}`. `oc process` puts the values in; here the defaults
 * are (source: OpenShift's documentation, "Using templates").
 */

const API_VERSIONS: readonly unknown[] = ['template.openshift.io/v1', 'v1'];

export const isTemplate = (object: Record<string, unknown>): boolean =>
  object.kind === 'Template' && API_VERSIONS.includes(object.apiVersion) && Array.isArray(object.objects);

interface Parameters {
  readonly values: ReadonlyMap<string, string>;
  /** Those that have neither a value nor an expression to make one from, and must be given. */
  readonly missing: ReadonlySet<string>;
}

/** Something that the expression could make, always the same: `[a-z0-9]{4}` gives `aaaa`. */
const generated = (expression: string): string =>
  expression
    .slice(0, 1000)
    .replaceAll(/\[([^\]]{1,100})\]\{(\d{1,2})\}/g, (_, characters: string, count: string) =>
      (characters.startsWith('\\') ? 'a' : characters.charAt(0)).repeat(Number(count)),
    );

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

const readParameters = (list: unknown): Parameters => {
  const values = new Map<string, string>();
  const missing = new Set<string>();
  for (const each of Array.isArray(list) ? (list as unknown[]) : []) {
    const { name, value, generate, from, required } = (each ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string') continue;
    const text = textOf(value);
    if (text !== undefined && text !== '') values.set(name, text);
    else if (generate === 'expression' && typeof from === 'string') values.set(name, generated(from));
    else if (required === true) missing.add(name);
    else values.set(name, '');
  }
  return { values, missing };
};

const REFERENCE = /\$\{\{([A-Za-z0-9_]+)\}\}|\$\{([A-Za-z0-9_]+)\}/g;

export interface ProcessedTemplate {
  readonly objects: readonly unknown[];
  /** Parameters without a value that the objects use. */
  readonly missing: readonly string[];
  /** Whether a text has such a parameter in it, so that nobody knows what it will be. */
  readonly isOpen: (source: string) => boolean;
  /** Whether a value was put into a text, which then is not what stands in the file. */
  readonly isFilled: (source: string) => boolean;
}

/** `${{NAME}}` alone stands for a number, true or an object; what is none of these stays a text. */
const typed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

/** The objects with the values of the parameters in them. */
export const processTemplate = (template: Record<string, unknown>): ProcessedTemplate => {
  const { values, missing } = readParameters(template.parameters);
  const used = new Set<string>();
  const fill = (text: string): unknown => {
    for (const [, bare, plain] of text.matchAll(REFERENCE)) {
      const name = bare ?? plain ?? '';
      if (missing.has(name)) used.add(name);
    }
    const filled = text.replaceAll(
      REFERENCE,
      (whole, bare?: string, plain?: string) => values.get(bare ?? plain ?? '') ?? whole,
    );
    return /^\$\{\{[A-Za-z0-9_]+\}\}$/.test(text) ? typed(filled) : filled;
  };
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return value.includes('$') ? fill(value) : value;
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [String(fill(key)), walk(each)]));
  };
  const objects = (template.objects as unknown[]).map(walk);
  const refers =
    (to: { has: (name: string) => boolean }) =>
    (source: string): boolean =>
      [...source.matchAll(REFERENCE)].some(([, bare, plain]) => to.has(bare ?? plain ?? ''));
  return { objects, missing: [...used], isOpen: refers(missing), isFilled: refers(values) };
};
