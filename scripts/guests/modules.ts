import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A kernel module's name as the kernel spells it: `virtio-rng.ko` is `virtio_rng`. */
const nameOf = (file: string): string => file.replace(/^.*\//, '').replace(/\.ko$/, '').replaceAll('-', '_');

/** The names in a module's `depends=` entry; they are in its .modinfo section as plain text between zero bytes. */
export const moduleDependencies = (content: Buffer): string[] => {
  const start = content.indexOf('\0depends=');
  if (start < 0) return [];
  const from = start + '\0depends='.length;
  const list = content.toString('latin1', from, content.indexOf(0, from));
  return list === '' ? [] : list.split(',').map((name) => name.replaceAll('-', '_'));
};

/** All modules below a `/lib/modules/<release>` directory: name → path. */
export const findModules = async (root: string): Promise<Map<string, string>> => {
  const files = await readdir(root, { recursive: true });
  return new Map(files.filter((file) => file.endsWith('.ko')).map((file) => [nameOf(file), join(root, file)]));
};

/**
 * `wanted` and what they need, each after its dependencies, so that plain insmod in this order works and no depmod is
 * needed. A wanted module that does not exist is left out (it may be built in); a missing dependency is an error.
 */
export const moduleOrder = (wanted: readonly string[], modules: ReadonlyMap<string, string>): string[] => {
  const order = new Set<string>();
  const visit = (name: string, neededBy?: string): void => {
    const path = modules.get(name);
    if (path === undefined) {
      if (neededBy !== undefined)
        throw new Error(`Kernel module ${name}, needed by ${neededBy}, is not in the package.`);
      return;
    }
    for (const dependency of moduleDependencies(readFileSync(path))) visit(dependency, name);
    order.add(name);
  };
  for (const name of wanted) visit(name);
  return [...order];
};
