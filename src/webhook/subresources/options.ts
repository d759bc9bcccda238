import { readOptions, type OptionsOf } from '../../agent-api/options.js';
import type { OptionShape } from '../../agent-api/subresource.js';
import { badRequest } from '../../agent-api/status-error.js';
import { isRecord } from '../../api/record.js';
import { readYaml } from '../../api/yaml/read-yaml.js';

/** Characters of a body; the longest that means something has some fifty. */
const MAX_BODY_LENGTH = 1024;

/**
 * Reads a request body: JSON or YAML whatever its content type, nothing at all meaning "all defaults"
 * (docs/reference/control.md §2.3). A field that the operation does not know is refused, not ignored.
 * @param most bytes that it may have beyond a line of options; then it is JSON alone
 * @throws StatusError 400 naming the field, the value and what to send instead
 */
export const parseOptions = <S extends OptionShape>(body: string, shape: S, most?: number): OptionsOf<S> =>
  readOptions(most === undefined ? parseLine(body) : parseJson(body, most), shape);

const parseLine = (body: string): Record<string, unknown> => {
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

const parseJson = (body: string, most: number): Record<string, unknown> => {
  if (body.length > most) throw badRequest(`the body has ${body.length} characters, at most ${most} are read`);
  let document: unknown;
  try {
    document = JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw badRequest('the body is not JSON');
  }
  if (!isRecord(document)) throw badRequest('the body must be a JSON object');
  return document;
};
