import { benchAdmission } from './admission.js';
import { benchAttachedNetwork } from './attached-network.js';
import { benchConfinement } from './confinement.js';
import { benchDensity } from './density.js';
import { benchHostile } from './hostile.js';
import { benchImporter } from './importer.js';
import { benchMetrics } from './metrics.js';
import { benchNetwork } from './network.js';
import { benchPage } from './page.js';
import { benchPlugin } from './plugin.js';
import { benchPolicies } from './policies.js';
import { report } from './report.js';
import { benchSharedFiles } from './shared-files.js';
import { benchSoak } from './soak.js';
import { benchStart } from './start.js';
import { benchStreams } from './streams.js';
import { benchVolumes } from './volumes.js';

/**
 * `npm run bench [admission] [attached-network] [confinement] [density] [page] [plugin] [importer] [hostile] [metrics]
 * [network] [policies] [shared-files] [soak] [start] [volumes]`: every promise of SPECIFICATION.md that the named part
 * measures; all without a name.
 */
const benches = {
  admission: benchAdmission,
  'attached-network': benchAttachedNetwork,
  confinement: benchConfinement,
  density: benchDensity,
  page: benchPage,
  plugin: benchPlugin,
  importer: benchImporter,
  hostile: benchHostile,
  metrics: benchMetrics,
  network: benchNetwork,
  policies: benchPolicies,
  'shared-files': benchSharedFiles,
  soak: benchSoak,
  start: benchStart,
  streams: benchStreams,
  volumes: benchVolumes,
} as const;
const isBench = (name: string): name is keyof typeof benches => Object.hasOwn(benches, name);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !isBench(name));
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
for (const name of wanted.length > 0 ? wanted.filter(isBench) : (Object.keys(benches) as (keyof typeof benches)[])) {
  process.stdout.write(`\n${name}\n`);
  report(await benches[name]());
}
