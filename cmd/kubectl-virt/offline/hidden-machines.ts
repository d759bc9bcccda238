import { GROUP } from '../../../src/api/names.js';
import { isRecord } from '../../../src/api/record.js';

/*
 * Virtual machines inside objects of other APIs (Argo CD, Flux, Crossplane, ManifestWork, a ConfigMap of manifests):
 * whoever lints such a file shall not think them checked.
 */

/** More nodes than a manifest has; then the search ends. */
const MAX_NODES = 200_000;
const IS_MACHINE = /^\s*(?:- +)?["']?kind["']?:\s*["']?VirtualMachine/m;
const IS_OURS = new RegExp(`^\\s*(?:- +)?["']?apiVersion["']?:\\s*["']?${GROUP.replaceAll('.', '\\.')}/`, 'm');

const isMachine = ({ apiVersion, kind, spec }: Record<string, unknown>): boolean =>
  typeof apiVersion === 'string' &&
  apiVersion.startsWith(`${GROUP}/`) &&
  typeof kind === 'string' &&
  kind.startsWith('VirtualMachine') &&
  // A reference to one has no spec.
  isRecord(spec);

/** The path of the first virtual machine inside of an object; undefined when there is none. */
export const hiddenMachine = (object: Record<string, unknown>): string | undefined => {
  const waiting: { value: unknown; path: string }[] = [{ value: object, path: '' }];
  for (let seen = 0; waiting.length > 0 && seen < MAX_NODES; seen += 1) {
    const { value, path } = waiting.pop() ?? { value: undefined, path: '' };
    if (typeof value === 'string') {
      if (value.includes(GROUP) && IS_MACHINE.test(value) && IS_OURS.test(value)) return path;
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) waiting.push({ value: item, path: `${path}[${index}]` });
    } else if (isRecord(value)) {
      if (path !== '' && isMachine(value)) return path;
      for (const [key, member] of Object.entries(value)) {
        const step = /^[\w-]+$/.test(key) ? `${path === '' ? '' : '.'}${key}` : `[${key}]`;
        waiting.push({ value: member, path: path + step });
      }
    }
  }
  return undefined;
};
