/**
 * Kubernetes' rules for names, as docs/reference/admission.md §3.4 lists them, and what to write where a text breaks
 * one.
 */

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/**
 * Old manifests name volumes `vmi-shared_disk` (docs/reference/user-guides.md §3.6): where Kubernetes wants a label,
 * the launcher translates.
 */
const VOLUME_NAME = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const MAX_LABEL = 63;
const MAX_SUBDOMAIN = 253;

export const LABEL_REMEDY = `write at most ${MAX_LABEL} lower-case letters, digits and "-", beginning and ending with a letter or digit`;
export const VOLUME_NAME_REMEDY = `write at most ${MAX_LABEL} lower-case letters, digits, "-" and "_", beginning and ending with a letter or digit`;
export const SUBDOMAIN_REMEDY = `write at most ${MAX_SUBDOMAIN} lower-case letters, digits, "-" and ".", each part beginning and ending with a letter or digit`;
export const KEY_REMEDY = `write at most ${MAX_LABEL} letters, digits, "-", "_" and ".", such as "app", or the same after a DNS name and "/", such as "example.com/app"`;
export const VALUE_REMEDY = `write nothing, or at most ${MAX_LABEL} letters, digits, "-", "_" and ".", beginning and ending with a letter or digit`;

export const isDnsLabel = (text: string): boolean => text.length <= MAX_LABEL && LABEL.test(text);

/** Of a disk and its volume. */
export const isVolumeName = (text: string): boolean => text.length <= MAX_LABEL && VOLUME_NAME.test(text);

export const isDnsSubdomain = (text: string): boolean => text.length <= MAX_SUBDOMAIN && SUBDOMAIN.test(text);

/** A label's or topology's key: a name of at most 63 characters, with or without `prefix/` before it. */
export const isQualifiedName = (text: string): boolean => {
  // Not `split`: an object may have thousands of keys, or a key a million slashes.
  const slash = text.lastIndexOf('/');
  const name = slash === -1 ? text : text.slice(slash + 1);
  if (name.length > MAX_LABEL || !QUALIFIED_NAME_PART.test(name)) return false;
  return slash === -1 || isDnsSubdomain(text.slice(0, slash));
};

export const isLabelValue = (text: string): boolean =>
  text === '' || (text.length <= MAX_LABEL && QUALIFIED_NAME_PART.test(text));
