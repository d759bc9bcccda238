import { Annotation } from '../../../src/api/names.js';
import { isRecord } from '../../../src/api/record.js';

/*
 * What leaves the cluster in a bundle: objects without what could be a secret. An annotation that is not known to be
 * harmless, a value of a variable, a command line and what drivers of storage are told are left out, because people put
 * passwords into all of them; of all other text what looks like one.
 */

const REDACTED = '<redacted>';

/** Whose whole content goes, wherever they are. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  ...['userData', 'userDataBase64', 'networkData', 'networkDataBase64'],
  ...['password', 'passwd', 'token', 'data', 'stringData', 'binaryData', 'caBundle'],
  // Of programs, probes and kernels: people write passwords into command lines.
  ...['args', 'command', 'kernelArgs', 'extraHeaders', 'httpHeaders', 'exec'],
  // Of storage: what its drivers take, credentials among it.
  ...['parameters', 'mountOptions', 'volumeAttributes', 'options'],
  // Bookkeeping, which repeats all of it.
  ...['managedFields'],
]);

/** Keys that are secret by what they are called; a reference names an object and is none. */
const SECRET_NAME = /passw|token|credential(?!s$)|private|secret(?!Ref|Name|KeyRef)/i;
/** They hold references. */
const REFERENCES: ReadonlySet<string> = new Set([
  'secretRef',
  'secretKeyRef',
  'secretName',
  'imagePullSecrets',
  'accessCredentials',
]);

/** By their full names: of these it is known that no user writes text into them. */
const HARMLESS_ANNOTATIONS: ReadonlySet<string> = new Set([
  ...[Annotation.vmGeneration, Annotation.pciTopologyVersion, Annotation.evictionSource, Annotation.nodeDensity],
  ...['deployment.kubernetes.io/revision', 'storageclass.kubernetes.io/is-default-class'],
]);

/*
 * All of them are bounded, or take what they have looked at, because the text is anybody's: without that a long word is
 * looked at from each of its letters.
 */
const PATTERNS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  // A key, or a certificate; of one that was cut off all that follows.
  [/-----BEGIN [^-]{1,60}-----[^]*?(?:-----END [^-]{1,60}-----|$)/g, REDACTED],
  // The same in base64, and a JSON Web Token or another object of JSON in base64.
  [/LS0tLS1CRUdJTi[\w+/=-]{0,16000}/g, REDACTED],
  [/eyJ[\w+/=-]{8,16000}(?:\.[\w-]{0,16000}){0,4}/g, REDACTED],
  // `https://user:password@host`: people leave "@" and "/" in the password as they are.
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^/\s"']{1,500}@/gi, `$1${REDACTED}@`],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^/\s"':@]{0,200}:(?!\d{1,5}\/)[^\s"']{1,500}@/gi, `$1${REDACTED}@`],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'?]{1,1000})\?[^\s"']{1,4000}/gi, `$1?${REDACTED}`],
  [/\b(bearer|basic)[ \t]{1,9}[\w.~+/=-]{8,4000}/gi, `$1 ${REDACTED}`],
  // `password=…`, `"apiKey": "…"`, also within a string of JSON.
  [
    /((?:pass\w{0,30}|pwd|token|secret|\w{0,30}key)(?:\\?["'])?\s{0,3}[=:]\s{0,3})(?:(\\?["'])(?:(?!\2)(?:\\[^]|[^])){0,4000}|[^\s"'\\,;&<][^\s"'\\,;&]{0,4000})/gi,
    `$1$2${REDACTED}`,
  ],
];

export const redactText = (text: string): string =>
  PATTERNS.reduce((all, [pattern, instead]) => all.replaceAll(pattern, instead), text);

const redactAnnotations = (value: unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, text]) => [key, HARMLESS_ANNOTATIONS.has(key) ? redact(text) : REDACTED]),
      )
    : REDACTED;

/** Of a container the names alone: what a value is taken from may be one. */
const redactVariables = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((each: unknown) => (isRecord(each) ? { name: each['name'] } : REDACTED)) : REDACTED;

const redactMember = (key: string, value: unknown): unknown => {
  if (key === 'annotations') return redactAnnotations(value);
  if (key === 'env' || key === 'envFrom') return redactVariables(value);
  if (key === 'httpGet' && isRecord(value)) return { ...redactObject(value), path: REDACTED };
  if (SECRET_FIELDS.has(key)) return REDACTED;
  if (SECRET_NAME.test(key) && !REFERENCES.has(key) && !isRecord(value)) return REDACTED;
  return redact(value);
};

const redactObject = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactMember(key, member)]));

/** A copy without what could be a secret. */
export const redact = (value: unknown): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  return isRecord(value) ? redactObject(value) : value;
};
