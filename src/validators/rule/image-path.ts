import { show } from './wording.js';

const ROOT = '/';

const isCleanAbsolute = (path: string): boolean => {
  const [first, ...parts] = path.replace(/\/$/, '').split('/');
  return first === '' && parts.every((part) => part !== '' && part !== '.' && part !== '..');
};

/**
 * What is wrong with the path of a file in an image, or undefined; one trailing slash is tolerated. `such` is an
 * example of what to write. Source: docs/reference/admission.md §6.7, disk.container-path-root and -form.
 */
export const imagePathProblem = (path: string, such: string): string | undefined => {
  if (path === ROOT)
    return `"/" is the root of the image and not a file: write the path of the file, such as "${such}"`;
  if (isCleanAbsolute(path)) return undefined;
  return `${show(path)} is not an absolute path without "." and "..": write one, such as "${such}"`;
};
