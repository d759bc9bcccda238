import { createHash } from 'node:crypto';
import { admit } from '../../../src/admission/admit.js';
import { SHAPE_RULES } from '../../../src/admission/schema.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import { madeUpUuid } from '../../../src/api/vmi/chosen-uuid.js';
import { describeCause } from '../../../src/api/cause.js';
import { CHECKED_KINDS } from '../../../src/api/schema-check/check-schema.js';
import type { CheckedKind } from '../../../src/api/schema-check/check-schema.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { asSettings } from '../../../src/api/settings/settings-file.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { DEPRECATED_VERSIONS, GROUP, STORED_VERSION } from '../../../src/api/names.js';
import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { describeValue } from '../../../src/api/schema-check/describe-value.js';
import { suggest } from '../../../src/api/schema-check/suggest.js';
import { buildInfo } from '../../../src/kube/program/build-info.js';
import { CliError, ExitCode } from '../errors.js';
import type { Io } from '../io.js';
import { findingOf, findingsOf, nameOf, withoutTemplates } from './findings.js';
import type { Finding } from './findings.js';
import { fileSource, instancetypeFindings, isOfInstancetypes } from './instancetypes.js';
import type { InstancetypeSource } from '../../../src/instancetypes/source.js';
import { hiddenMachine } from './hidden-machines.js';
import { readManifests } from './manifests.js';
import type { Manifest, ManifestSet } from './manifests.js';

/** One object of our API group with what admission says about it. */
export interface Admitted {
  readonly manifest: Manifest;
  readonly kind: CheckedKind;
  readonly object: unknown;
  /** Whether it has the shape of its kind, whatever else is wrong. */
  readonly shaped: boolean;
  /** What it may name. */
  readonly instancetypes: InstancetypeSource;
  readonly findings: readonly Finding[];
}

export interface AdmittedSet {
  readonly admitted: readonly Admitted[];
  /** Syntax errors and objects that claim to be ours and are not. */
  readonly findings: readonly Finding[];
  /** Objects of other API groups. */
  readonly others: readonly Manifest[];
  /** How many of its objects are instance types or preferences: they are checked, and their findings are above. */
  readonly named: number;
  /** What was not checked, and why; for stderr. */
  readonly notes: readonly string[];
  /** Whether somebody could think virtual machines checked that were not: there are none, or some inside of others. */
  readonly unchecked: boolean;
}

const noteOf = ({ file, object, positionOf }: Manifest, hidden: string | undefined): string => {
  const what = `${String(object.apiVersion)} ${String(object.kind)} is of another API`;
  const inside = hidden === undefined ? '' : `, and so is the virtual machine in its ${hidden}: lint that by itself`;
  return `${file}:${positionOf(hidden ?? '').line}: not checked: ${what}${inside}`;
};

const VERSIONS: readonly string[] = [STORED_VERSION, ...DEPRECATED_VERSIONS];

/**
 * A UUID made from a name, so that the same manifest always renders the same. In the cluster the webhook takes random
 * ones. Bits 48–51 and 64–65 are RFC 9562's for version 8, "made by a rule of one's own".
 */
export const uuidOf = (seed: string): string => {
  const bytes = createHash('sha256').update(seed).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

export const admissionContext = (
  config: ClusterConfig,
  seed: string,
  instancetypes?: InstancetypeSource,
): AdmissionContext => {
  let count = 0;
  return { config, instancetypes, newUuid: () => madeUpUuid(uuidOf(`${seed}#${(count += 1)}`)) };
};

const kindFinding = (manifest: Manifest, field: string, message: string): Finding => ({
  ...{ file: manifest.file, ...manifest.positionOf(field), severity: 'error', rule: 'manifest.kind', message, field },
});

const kindRemedy = (kind: string): string => {
  const near = suggest(kind, CHECKED_KINDS);
  return near === undefined ? `write one of ${CHECKED_KINDS.join(', ')}` : `did you mean "${near}"?`;
};

const OWN_VERSION = `${GROUP}/${STORED_VERSION}`;

/** An object that does not say what it is: what is missing, and what may stand in its place. */
const untyped = (manifest: Manifest): Finding => {
  const { object } = manifest;
  const missing = ['apiVersion', 'kind'].filter((key) => typeof object[key] !== 'string');
  const [first = ''] = missing;
  const near = Object.keys(object).find((key) => !(first in object) && suggest(key, [first]) !== undefined);
  const remedy = near === undefined ? REMEDIES[missing.join()] : `did you mean "${first}" by "${near}"?`;
  const is = first in object && object[first] !== null ? 'has no text in its' : 'has no';
  return kindFinding(manifest, near ?? first, `the object ${is} ${missing.join(' and ')}: ${remedy}`);
};

const REMEDIES: Readonly<Record<string, string>> = {
  apiVersion: `write apiVersion: ${OWN_VERSION} for one of ours`,
  kind: `write one of ${CHECKED_KINDS.join(', ')}`,
  'apiVersion,kind': `write ${OWN_VERSION} and its kind`,
};

/** Groups that have no kind of such a name; those of other makers (vmoperator.vmware.com) may have. */
const hasNoMachines = (group: string): boolean =>
  !group.includes('.') || /\.k8s\.io$|kubevirt/i.test(group) || suggest(group, [GROUP]) !== undefined;

/** One of our kinds' names in another group; undefined where that may have such a kind. */
const misgrouped = (manifest: Manifest, apiVersion: string): Finding | undefined => {
  const [group = ''] = apiVersion.split('/');
  if (!hasNoMachines(group)) return undefined;
  const message = `apiVersion ${describeValue(apiVersion)} has no kind ${String(manifest.object.kind)}`;
  return kindFinding(manifest, 'apiVersion', `${message}: write apiVersion: ${OWN_VERSION}`);
};

/** Which of our kinds it is; a finding when it claims to be ours and is none; undefined for other groups. */
const classify = (manifest: Manifest): CheckedKind | Finding | undefined => {
  const { apiVersion, kind } = manifest.object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return untyped(manifest);
  const [group, version = ''] = apiVersion.split('/');
  if (group !== GROUP)
    return CHECKED_KINDS.some((each) => each === kind) ? misgrouped(manifest, apiVersion) : undefined;
  if (!VERSIONS.includes(version)) {
    return kindFinding(manifest, 'apiVersion', `apiVersion "${apiVersion}" is not served: write ${OWN_VERSION}`);
  }
  const known = CHECKED_KINDS.find((each) => each === kind);
  return known ?? kindFinding(manifest, 'kind', `kind "${kind}" is not known: ${kindRemedy(kind)}`);
};

/** Everything in the set through admission, as if it were created now. */
export const admitAll = (
  set: ManifestSet,
  config: ClusterConfig,
  /** Objects of other APIs that the command looks at by itself. */
  isLookedAt: (other: Manifest, admitted: readonly Admitted[]) => boolean = () => false,
  /** Objects that VMs may name besides those of the set: instance types and preferences. */
  known: readonly Manifest[] = [],
): AdmittedSet => {
  const instancetypes = fileSource([...set.manifests, ...known]);
  const admitted: Admitted[] = [];
  /** Instance types and preferences. */
  let named = 0;
  const others: Manifest[] = [];
  const findings: Finding[] = set.problems.map(findingOf);
  const templates = new Set(set.problems.flatMap(({ file, kind }) => (kind === 'template' ? [file] : [])));
  for (const manifest of set.manifests) {
    const kind = classify(manifest);
    if (isOfInstancetypes(manifest) && typeof kind !== 'object') {
      findings.push(...instancetypeFindings(manifest));
      named += 1;
    } else if (kind === undefined) others.push(manifest);
    else if (typeof kind === 'object') findings.push(kind);
    else {
      const context = admissionContext(config, `${kind}/${nameOf(manifest.object)}`, instancetypes);
      const outcome = admit({ kind, operation: 'CREATE', object: manifest.object }, context);
      const own = withoutTemplates(findingsOf(manifest, kind, outcome), manifest, templates);
      const shaped = !outcome.causes.some(({ rule }) => SHAPE_RULES.includes(rule));
      admitted.push({ manifest, kind, object: outcome.object, shaped, instancetypes, findings: own });
    }
  }
  const hidden = others.map(({ object }) => hiddenMachine(object));
  const notes = [
    ...set.notes,
    ...others.flatMap((each, index) => (isLookedAt(each, admitted) ? [] : [noteOf(each, hidden[index])])),
  ];
  const looked = others.some((each) => isLookedAt(each, admitted));
  const unchecked = (admitted.length + named === 0 && !looked) || hidden.some((path) => path !== undefined);
  return { admitted, findings, others, notes, unchecked, named };
};

/**
 * The cluster's settings: the KubeVirt object of `--config`, or the defaults.
 * @throws CliError (exit code 2) when the file has no KubeVirt object or a wrong one
 */
export const readConfig = async (io: Io, file: string | undefined): Promise<KubeVirt | undefined> => {
  if (file === undefined) return undefined;
  const set = await readManifests(io, { files: [file] });
  const manifests = set.manifests.map((manifest) =>
    manifest.object.kind === 'KubeVirt' ? { ...manifest, object: asSettings(manifest.object) } : manifest,
  );
  const { admitted, findings } = admitAll({ ...set, manifests }, resolveClusterConfig());
  const found = admitted.find(({ kind }) => kind === 'KubeVirt');
  const wrong = [...findings, ...(found?.findings ?? [])].filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) {
    throw new CliError(`--config ${file} is not usable:\n${wrong.map(renderFinding).join('\n')}`, {
      exitCode: ExitCode.usage,
    });
  }
  if (found === undefined) {
    throw new CliError(`--config ${file} holds no KubeVirt object`, {
      remedy: `Write one: apiVersion ${GROUP}/${STORED_VERSION}, kind KubeVirt; or get the cluster's: kubectl get kubevirt -n kubevirt -o yaml`,
      exitCode: ExitCode.usage,
    });
  }
  return found.object as KubeVirt;
};

export const clusterConfig = (kubevirt: KubeVirt | undefined): ClusterConfig =>
  resolveClusterConfig(kubevirt, buildInfo.architecture);

/**
 * `FILE:LINE:COLUMN: error: FIELD: MESSAGE [rule]`, which editors and CI systems read; as kubectl shows it. One line:
 * nothing in it begins another.
 */
export const renderFinding = ({ file, line, column, severity, message, field = '', rule }: Finding): string =>
  visibleLine(`${file}:${line}:${column}: ${severity}: ${describeCause({ field, message })} [${rule}]`);

/** Findings that forbid to continue, as an error. */
export const requireAdmitted = (findings: readonly Finding[]): void => {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new CliError(`the manifest is refused:\n${errors.map(renderFinding).join('\n')}`);
};
