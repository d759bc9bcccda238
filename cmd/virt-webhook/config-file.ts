import { readFile } from 'node:fs/promises';
import { admit } from '../../src/admission/admit.js';
import { resolveClusterConfig } from '../../src/api/settings/cluster-config.js';
import { asSettings } from '../../src/api/settings/settings-file.js';
import type { KubeVirt } from '../../src/api/schema/kinds.js';
import { describeCause } from '../../src/api/cause.js';
import { readYaml } from '../../src/api/yaml/read-yaml.js';

/** The KubeVirt object in a YAML or JSON file. @throws Error that names the file and everything wrong in it */
export const readKubeVirt = async (file: string): Promise<KubeVirt> => {
  const { documents, problems } = readYaml(await readFile(file, 'utf8'));
  const [problem] = problems.filter(({ kind }) => kind !== 'merge-order');
  if (problem !== undefined) throw new Error(`${file} cannot be used: line ${problem.line}: ${problem.message}`);
  const object = asSettings(documents[0]?.value);
  const context = { config: resolveClusterConfig(), newUuid: () => '' };
  const { causes } = admit({ kind: 'KubeVirt', operation: 'CREATE', object }, context);
  if (causes.length > 0) throw new Error(`${file} cannot be used: ${causes.map(describeCause).join('; ')}`);
  return object as KubeVirt;
};
