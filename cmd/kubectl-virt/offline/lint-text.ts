import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { admitAll, clusterConfig } from './admission.js';
import type { Finding } from './findings.js';
import { isLookedAt, serviceFindings } from './services.js';
import { parseManifests } from './manifests.js';
import { sorted } from './report.js';

/** What lint says of one text, which has no file yet, with the settings of a cluster. */
export const lintText = (name: string, text: string, settings: KubeVirt | undefined): Finding[] => {
  const set = admitAll(parseManifests(name, text), clusterConfig(settings), isLookedAt);
  return sorted([...set.findings, ...set.admitted.flatMap(({ findings }) => findings), ...serviceFindings(set)]);
};
