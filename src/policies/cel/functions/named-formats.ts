import { FORMAT, STRING, listOf as listType, optionalOf } from '../check/types.js';
import { isUrl } from '../values/url.js';
import { utf8Length } from '../values/text.js';
import { parseTimestamp } from '../values/time.js';
import { CelList, NamedFormat, Optional, type Value } from '../values/values.js';
import { fn, format, method, text, traversal, type Cost, type Overload } from './declare.js';

/*
 * Kubernetes' named checks of texts. Each says what is wrong, in Kubernetes' words where it has some.
 */

const since = 31;

interface Shape {
  readonly pattern: RegExp;
  readonly most: number;
  readonly message: string;
}

/** In Kubernetes' words: what it must be, examples, and the pattern. */
const shape = (pattern: string, most: number, must: string, ...examples: readonly string[]): Shape => ({
  pattern: new RegExp(`^${pattern}$`),
  most,
  message: `${must} (e.g. ${examples.map((example) => `'${example}'`).join(',  or ')}, regex used for validation is '${pattern}')`,
});

const ENDS = 'must start and end with an alphanumeric character';
const LABEL = shape(
  '[a-z0-9]([-a-z0-9]*[a-z0-9])?',
  63,
  `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and ${ENDS}`,
  ...['my-name', '123-abc'],
);
const SUBDOMAIN = shape(
  String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*`,
  253,
  `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and ${ENDS}`,
  'example.com',
);
const LABEL_1035 = shape(
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  63,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  ...['my-name', 'abc-123'],
);
const NAME = shape(
  '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  63,
  `name part must consist of alphanumeric characters, '-', '_' or '.', and ${ENDS}`,
  ...['MyName', 'my.name', '123-abc'],
);
const LABEL_VALUE = shape(
  '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
  63,
  `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and ${ENDS}`,
  ...['MyValue', 'my_value', '12345'],
);

const check =
  ({ pattern, most, message }: Shape) =>
  (value: string): string[] => {
    const tooLong = value.length > most || utf8Length(value) > most;
    // A text that is much too long is not looked at.
    const wrong = value.length > 4 * most || !pattern.test(value);
    return [...(tooLong ? [`must be no more than ${most} characters`] : []), ...(wrong ? [message] : [])];
  };

/** Of what begins a name: a dash at its end will be followed by something. */
const prefixCheck = (shape: Shape): ((value: string) => string[]) => {
  const whole = check(shape);
  return (value) => whole(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value);
};

const qualifiedName = (value: string): string[] => {
  const [first = '', second, ...more] = value.split('/');
  if (more.length > 0)
    return [`a qualified name must consist of a name, with an optional DNS subdomain prefix and '/'`];
  if (second === undefined) return nameProblems(first);
  const prefix =
    first === '' ? ['prefix part must be non-empty'] : check(SUBDOMAIN)(first).map((one) => `prefix part ${one}`);
  return [...prefix, ...nameProblems(second)];
};

const nameProblems = (name: string): string[] => (name === '' ? ['name part must be non-empty'] : check(NAME)(name));

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})?$/;

/** Standard base64 with its padding; by length first, for a pattern that repeats is slow on long texts. */
const isBase64 = (value: string): boolean =>
  value.length > 0 && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
const isDate = (value: string): boolean => DATE.test(value) && parseTimestamp(`${value}T00:00:00Z`) !== undefined;
const isDateTime = (value: string): boolean =>
  value.length <= 64 && DATE_TIME.test(value) && isDate(value.slice(0, 10));

const says =
  (isRight: (value: string) => boolean, message: string) =>
  (value: string): string[] =>
    isRight(value) ? [] : [message];

/** With Kubernetes' figures for the length of a pattern that does the same. */
const FORMATS: readonly NamedFormat[] = [
  new NamedFormat('dns1123Label', 30, check(LABEL)),
  new NamedFormat('dns1123Subdomain', 60, check(SUBDOMAIN)),
  new NamedFormat('dns1035Label', 30, check(LABEL_1035)),
  new NamedFormat('qualifiedName', 60, qualifiedName),
  new NamedFormat('dns1123LabelPrefix', 30, prefixCheck(LABEL)),
  new NamedFormat('dns1123SubdomainPrefix', 60, prefixCheck(SUBDOMAIN)),
  new NamedFormat('dns1035LabelPrefix', 30, prefixCheck(LABEL_1035)),
  new NamedFormat('labelValue', 40, check(LABEL_VALUE)),
  new NamedFormat('uri', 1000, says(isUrl, 'not an absolute URI or path')),
  new NamedFormat(
    'uuid',
    100,
    says((value) => UUID.test(value), 'does not match the UUID format'),
  ),
  new NamedFormat('byte', 80, says(isBase64, 'invalid base64')),
  new NamedFormat('date', 120, says(isDate, 'invalid date')),
  new NamedFormat('datetime', 120, says(isDateTime, 'invalid datetime')),
];

const BY_NAME = new Map(FORMATS.map((one) => [one.name, one]));

const validate = (named: NamedFormat, value: string): Value => {
  const problems = named.problems(value);
  return problems.length === 0 ? Optional.none : new Optional(new CelList(problems));
};

const validateCost: Cost = ([named, value]) =>
  traversal(1 + (value as string).length) * Math.ceil((named as NamedFormat).patternSize * 0.25);

const named = (name: string): Optional => {
  const found = BY_NAME.get(name);
  return found === undefined ? Optional.none : new Optional(found);
};

export const NAMED_FORMAT_FUNCTIONS: readonly Overload[] = [
  fn('format.named', [text], optionalOf(FORMAT), ([name]) => named(name), { since }),
  ...FORMATS.map((one) => fn(`format.${one.name}`, [], FORMAT, () => one, { since })),
  method(
    'validate',
    [format, text],
    optionalOf(listType(STRING)),
    ([one, value], spending) => spending.step(100) ?? validate(one, value),
    {
      since,
      cost: validateCost,
    },
  ),
];
