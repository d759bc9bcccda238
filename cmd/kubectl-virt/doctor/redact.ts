import { isRecord } from '../../../src/api/record.js';

/*
 * What leaves the cluster in a bundle: objects without what could be a secret. By default an annotation, a value of a
 * variable, a command line and the text of a field that is not known to be harmless are left out, because people put
 * passwords into all of them.
 */

const REDACTED = '<redacted>';

/** Whose whole content goes, wherever they are. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  ...['userData', 'userDataBase64', 'networkData', 'networkDataBase64'],
  ...['password', 'passwd', 'token', 'data', 'stringData', 'binaryData', 'caBundle'],
  // Of programs, probes and kernels: people write passwords into command lines.
  ...['args', 'command', 'kernelArgs', 'extraHeaders', 'httpHeaders', 'exec'],
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

/** Ours and Kubernetes' own, which hold no text of users. */
const HARMLESS_ANNOTATION =
  /^(kubevirt\.io\/(?!ignitiondata)|deployment\.kubernetes\.io\/revision$|storageclass\.kubernetes\.io\/is-default-class$)/;

/*
 * `https://user:password@host` and what follows a `?`. Bounded, because the text is anybody's: without it a long word
 * is looked at from each of its letters.
 */
const USER_INFO = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^/@\s"']{1,500}@/gi;
const QUERY = /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'?]{1,1000})\?[^\s"']{1,4000}/gi;
const BEARER = /\b(bearer|basic)[ \t]{1,9}[\w.~+/=-]{8,4000}/gi;

export const redactText = (text: string): string =>
  text.replaceAll(USER_INFO, `$1${REDACTED}@`).replaceAll(QUERY, `$1?${REDACTED}`).replaceAll(BEARER, `$1 ${REDACTED}`);

const redactAnnotations = (value: unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, text]) => [key, HARMLESS_ANNOTATION.test(key) ? redact(text) : REDACTED]),
      )
    : REDACTED;

/** Of a container the names alone: what a value is taken from may be one. */
const redactVariables = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((each: unknown) => (isRecord(each) ? { name: each['name'] } : REDACTED)) : REDACTED;

const redactMember = (key: string, value: unknown): unknown => {
  if (key === 'annotations') return redactAnnotations(value);
  if (key === 'env' || key === 'envFrom') return redactVariables(value);
  if (SECRET_FIELDS.has(key)) return REDACTED;
  if (SECRET_NAME.test(key) && !REFERENCES.has(key) && !isRecord(value)) return REDACTED;
  return redact(value);
};

/** A copy without what could be a secret. */
export const redact = (value: unknown): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactMember(key, member)]));
};
