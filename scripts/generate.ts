import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { schemaOf } from '../src/api/schema-check/check-schema.js';
import { CRD_KINDS, customResourceDefinition, openApiSchema, type Describe } from '../src/api/crd.js';
import { dataVolumeDefinition, dataVolumeRoles } from '../src/api/data-volume/data-volume-crd.js';
import { policyDefinition } from '../src/api/policy/policy-crd.js';
import { POLICY_RESOURCE_KINDS, POLICY_RESOURCES } from '../src/api/policy/policy-kinds.js';
import { instancetypeDefinition } from '../src/api/instancetype/instancetype-crd.js';
import { INSTANCETYPE_KINDS, INSTANCETYPE_RESOURCES } from '../src/api/instancetype/instancetype-kinds.js';
import { virtNodeDefinition } from '../src/api/virt-node/virt-node-crd.js';
import { DESCRIPTION_TABLES } from '../src/api/descriptions/all.js';
import { describeBy, KIND_DESCRIPTIONS } from '../src/api/descriptions/index.js';
import { commandsPage } from './commands-page.js';
import { commandsIndex, loadCommands } from './commands.js';
import { differencesDocument } from './differences-doc.js';
import { errorsPage } from './errors-page.js';
import { metricsPage } from './metrics-page.js';
import { policyFieldsPage } from './policy-fields-page.js';
import { policyRolesManifest } from './policy-roles.js';
import { ruleIds } from './rule-ids.js';
import { defaultsPage, rulesPage } from './pages.js';
import { troubleshootingReasons } from './troubleshooting-reasons.js';
import { userRolesManifest } from './user-roles.js';
import { warningsPage } from './warnings-page.js';

/**
 * Writes what is made from code: the CRDs, the roles of users, the pages of rules, defaults, differences, warnings,
 * errors, metrics and commands, and the lists of the plugin's commands and of the rules' ids. `--check` writes nothing
 * and fails when a file is not current.
 */

const root = new URL('../', import.meta.url);
const schemaDirectory = new URL('src/api/schema/', root);

/** Loads every schema module, for the names of the definitions. */
export const loadDescribe = async (): Promise<Describe> => {
  const files = readdirSync(schemaDirectory).filter((name) => name.endsWith('.ts'));
  const modules = await Promise.all(
    files.map((name) => import(new URL(name, schemaDirectory).href) as Promise<object>),
  );
  return describeBy(DESCRIPTION_TABLES, modules);
};

/** The CustomResourceDefinitions as objects, by their path in the repository. */
export const definitions = async (): Promise<ReadonlyMap<string, Record<string, unknown>>> => {
  const describe = await loadDescribe();
  return new Map(
    CRD_KINDS.map((crd) => {
      const schema = openApiSchema(crd.kind, schemaOf(crd.kind), KIND_DESCRIPTIONS[crd.kind], describe);
      return [`manifests/crds/${crd.plural}.yaml`, customResourceDefinition(crd, schema)];
    }),
  );
};

/** Those of policies, likewise. */
export const policyDefinitions = async (): Promise<ReadonlyMap<string, Record<string, unknown>>> => {
  const describe = await loadDescribe();
  return new Map(
    POLICY_RESOURCE_KINDS.map((kind) => [
      `manifests/crds/${POLICY_RESOURCES[kind].plural}.yaml`,
      policyDefinition(kind, describe),
    ]),
  );
};

/** Those of instance types and preferences, likewise. */
export const instancetypeDefinitions = async (): Promise<ReadonlyMap<string, Record<string, unknown>>> => {
  const describe = await loadDescribe();
  return new Map(
    INSTANCETYPE_KINDS.map((kind) => [
      `manifests/crds/${INSTANCETYPE_RESOURCES[kind].plural}.yaml`,
      instancetypeDefinition(kind, describe),
    ]),
  );
};

const fieldsOfPolicies = async (): Promise<string> => {
  const describe = await loadDescribe();
  return policyFieldsPage(new Map(POLICY_RESOURCE_KINDS.map((kind) => [kind, policyDefinition(kind, describe)])));
};

/** The definition of DataVolumes for clusters without CDI, and who may use it. */
export const dataVolumeObjects = async (): Promise<readonly Record<string, unknown>[]> => [
  dataVolumeDefinition(await loadDescribe()),
  ...dataVolumeRoles,
];

const DATA_VOLUMES_NOTICE = `# For clusters without CDI only: the built-in importer's DataVolumes (docs/data-volumes.md).
#   kubectl create -f manifests/data-volumes.yaml     # "create" fails where CDI is; never "apply" over CDI's definition
`;

/** Path in the repository → contents, for everything that is generated. */
export const generate = async (): Promise<ReadonlyMap<string, string>> => {
  const notice = '# Made by `npm run generate` from src/api. Do not edit.\n';
  const text = (definition: Record<string, unknown>): string =>
    notice + stringify(definition, { aliasDuplicateObjects: false, lineWidth: 0, version: '1.1' });
  return new Map([
    ...[...(await definitions())].map(([path, definition]) => [path, text(definition)] as const),
    ...[...(await policyDefinitions())].map(([path, definition]) => [path, text(definition)] as const),
    ...[...(await instancetypeDefinitions())].map(([path, definition]) => [path, text(definition)] as const),
    ['manifests/crds/virtnodes.yaml', text(virtNodeDefinition())],
    ['manifests/data-volumes.yaml', DATA_VOLUMES_NOTICE + (await dataVolumeObjects()).map(text).join('---\n')],
    ['manifests/rbac/user-roles.yaml', userRolesManifest()],
    ['manifests/rbac/policy-roles.yaml', policyRolesManifest()],
    ['docs/policy-fields.md', await fieldsOfPolicies()],
    ['docs/differences.md', differencesDocument()],
    ['docs/errors.md', errorsPage()],
    ['docs/metrics.md', metricsPage()],
    ['docs/warnings.md', warningsPage()],
    ['docs/rules.md', rulesPage()],
    ['docs/defaults.md', defaultsPage()],
    ['docs/commands.md', commandsPage(await loadCommands())],
    ['cmd/kubectl-virt/commands/index.ts', commandsIndex()],
    ['src/validators/rule-ids.ts', ruleIds()],
    ['cmd/kubectl-virt/doctor/reasons.json', troubleshootingReasons()],
  ]);
};

const main = async (): Promise<void> => {
  const check = process.argv.includes('--check');
  for (const [path, text] of await generate()) {
    const url = new URL(path, root);
    const current = await readFile(url, 'utf8').catch(() => '');
    if (current === text) continue;
    if (check) {
      process.stderr.write(`${path} is not current; run npm run generate\n`);
      process.exitCode = 1;
      continue;
    }
    await mkdir(new URL('.', url), { recursive: true });
    await writeFile(url, text);
    process.stdout.write(`wrote ${path}\n`);
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
