import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { checkSchema } from '../../src/api/check-schema.js';
import type { KubeVirt } from '../../src/api/schema/kinds.js';

/** The KubeVirt object in a YAML or JSON file. @throws Error that names the file and everything wrong in it */
export const readKubeVirt = async (file: string): Promise<KubeVirt> => {
  const object: unknown = parse(await readFile(file, 'utf8'));
  const causes = checkSchema('KubeVirt', object);
  if (causes.length > 0)
    throw new Error(`${file} is no KubeVirt object: ${causes.map(({ message }) => message).join('; ')}`);
  return object as KubeVirt;
};
