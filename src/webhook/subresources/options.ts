import type { OptionShape } from '../../agent-api/subresource.js';
import { badRequest } from '../../agent-api/status-error.js';
import { readYaml } from '../../api/yaml/read-yaml.js';

/** What a body of that shape means. */
type OptionsOf<S extends OptionShape> = {
  readonly [K in keyof S]?: S[K] extends 'boolean' ? boolean : S[K] extends 'integer' ? number : readonly string[];
};

const fits: Record<OptionShape[string], (value: unknown) => boolean> = {
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isSafeInteger(value),
  dryRun: (value) => Array.isArray(value) && value.every((entry) => entry === 'All'),
};
const wanted: Record<OptionShape[string], string> = {
  boolean: 'true or false',
  integer: 'a whole number',
  dryRun: 'the list ["All"], the only dry run there is',
};

/** Characters of a body; the longest that means something has some fifty. */
const MAX_BODY_LENGTH = 1024;

/**
 * Reads a request body: JSON or YAML whatever its content type, nothing at all meaning "all defaults"
 * (docs/reference/control.md §2.3). A field that the operation does not know is refused, not ignored.
 * @throws StatusError 400 naming the field, the value and what to send instead
 */
export const parseOptions = <S extends OptionShape>(body: string, shape: S): OptionsOf<S> => {
  const document = parseBody(body);
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(document)) {
    if (key === 'kind' || key === 'apiVersion' || value === null) continue;
    const kind = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (kind === undefined) {
      throw badRequest(`the body's field "${key}" is not known here; send ${Object.keys(shape).join(', ')} or nothing`);
    }
    if (!fits[kind](value)) {
      throw badRequest(`the body's field "${key}" is ${JSON.stringify(value)}; send ${wanted[kind]}`);
    }
    options[key] = value;
  }
  return options as OptionsOf<S>;
};

const parseBody = (body: string): Record<string, unknown> => {
  if (body.trim() === '') return {};
  if (body.length > MAX_BODY_LENGTH) {
    throw badRequest(`the body has ${body.length} characters, at most ${MAX_BODY_LENGTH} are read; send only options`);
  }
  const { documents, problems } = readYaml(body);
  const [problem] = problems;
  if (problem !== undefined) throw badRequest(`the body is neither JSON nor YAML: ${problem.message}`);
  const document = documents[0]?.value;
  if (document === null || document === undefined) return {};
  if (typeof document !== 'object' || Array.isArray(document)) {
    throw badRequest('the body must be an object such as {"dryRun":["All"]}, or empty');
  }
  return document as Record<string, unknown>;
};
