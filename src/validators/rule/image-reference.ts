import { show } from './wording.js';

/*
 * The name of a container image as the kubelet reads it, before it pulls anything: `registry/name:tag@digest`, by the
 * grammar of github.com/distribution/reference (regexp.go, normalize.go). What does not fit is `InvalidImageName`.
 */

const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const NAME = new RegExp(`^${PART}(?:/${PART})*$`);
const HOST_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const REGISTRY = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;
const SCHEME = /^[a-z][a-z0-9+.-]{0,30}:\/\//i;
const MAX_NAME = 255;
/** A name, a tag and the longest digest. */
const MAX_REFERENCE = MAX_NAME + 1 + 128 + 1 + 135;

/** What is before the first slash is a registry where it cannot be the first part of a name, or is `localhost`. */
const isRegistry = (first: string): boolean => /[.:A-Z]/.test(first) || first === 'localhost';

interface Reference {
  readonly registry?: string;
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

const split = (text: string): Reference => {
  const [named = '', ...digest] = text.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const path = colon < 0 ? named : named.slice(0, colon);
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(slash, 0));
  return {
    ...(slash >= 0 && isRegistry(first) ? { registry: first, name: path.slice(slash + 1) } : { name: path }),
    ...(colon < 0 ? {} : { tag: named.slice(colon + 1) }),
    ...(digest.length === 0 ? {} : { digest: digest.join('@') }),
  };
};

/** What is wrong with the name of an image, in words that go on from the value; undefined: nothing. */
const wrongWith = (image: string): string | undefined => {
  if (image.length > MAX_REFERENCE) return `has ${image.length} characters, too many for an image`;
  const scheme = SCHEME.exec(image)?.[0];
  if (scheme !== undefined) return `begins with ${scheme}, which no image has here`;
  if (/\s/.test(image)) return 'has a space in it, and no image has one';
  const { registry, name, tag, digest } = split(image);
  if (registry !== undefined && !REGISTRY.test(registry)) return `has no registry before its first "/"`;
  if (/[A-Z]/.test(name)) return 'has a capital letter in its name, and an image is in small letters';
  if (!NAME.test(name)) return 'is no name of an image';
  if (name.length + (registry?.length ?? 0) > MAX_NAME) return `has a name of more than ${MAX_NAME} characters`;
  if (tag !== undefined && !TAG.test(tag)) return `has the tag ${show(tag)}, which is none`;
  if (digest !== undefined && !DIGEST.test(digest)) return 'has no digest behind its "@"';
  return /^[a-f0-9]{64}$/.test(image) ? 'is the ID of an image, which no registry can give' : undefined;
};

/** The name that was meant, where it can be told. */
const meant = (image: string): string => {
  const bare = image.trim().replace(SCHEME, '');
  if (bare.length > MAX_REFERENCE) return bare;
  const { registry, name, tag, digest } = split(bare);
  const path = registry === undefined ? name : `${registry}/${name}`;
  return `${path.toLowerCase()}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
};

/**
 * Why the kubelet could not pull an image of this name, and what to write; undefined where it could. What is empty is
 * another mistake.
 */
export const imageReferenceProblem = (image: string): string | undefined => {
  const wrong = wrongWith(image);
  if (wrong === undefined) return undefined;
  const better = meant(image);
  const instead =
    wrongWith(better) === undefined ? show(better) : 'REGISTRY/NAME:TAG, such as "registry.example/disk:v1"';
  return `${show(image)} ${wrong}: write ${instead}`;
};
