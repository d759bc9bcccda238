import { TokenExtra } from '../agent-api/token.js';
import { admit } from '../admission/admit.js';
import type { AdmissionOutcome } from '../admission/types.js';
import { resolveClusterConfig, type ClusterConfig } from '../api/settings/cluster-config.js';
import { manifest } from '../validators/rule/example-manifest.js';
import type { CheckedKind } from '../api/schema-check/check-schema.js';
import { INSTALL_NAMESPACE } from '../api/names.js';
import type { Change, Examples } from '../validators/rule/examples.js';
import { toYaml } from './fragment.js';

type Settings = Pick<Examples, 'gates' | 'config'> & {
  /** Of the KubeVirt object. */
  readonly annotations?: Readonly<Record<string, string>>;
};
/** The parts of an example that say how it is submitted. */
export type Submission = Settings &
  Pick<Examples, 'old' | 'user' | 'node' | 'settingsObject'> & { readonly kind?: CheckedKind };

/** Documentation must be the same every time. */
const UUID = '00000000-0000-4000-8000-000000000000';
const ORDINARY_USER = 'alice';

/** `spec.configuration` of the KubeVirt object that an example needs; undefined where the defaults will do. */
const settingsOf = ({ gates = [], config }: Settings): Record<string, unknown> | undefined => {
  if (gates.length === 0) return config;
  const { developerConfiguration, ...others } = config ?? {};
  return { ...others, developerConfiguration: { ...(developerConfiguration as object), featureGates: gates } };
};

/** {@link settingsOf} as YAML, for an entry. */
export const settingsText = (settings: Settings): { settings?: string } => {
  const found = settingsOf(settings);
  const annotations = Object.keys(settings.annotations ?? {}).map((name) => `# and the annotation ${name}\n`);
  const text = [found === undefined ? '' : toYaml(found), ...annotations].join('');
  return text === '' ? {} : { settings: text };
};

export const configOf = (settings: Settings): ClusterConfig =>
  resolveClusterConfig({
    metadata: { annotations: { ...settings.annotations } },
    spec: { configuration: settingsOf(settings) ?? {} },
  });

/** What admission says to an example. `allowNotActedOn` as in {@link AdmissionContext}. */
export const admitExample = (change: Change, submission: Submission, allowNotActedOn: boolean): AdmissionOutcome => {
  const { kind = 'VirtualMachineInstance', old, user = ORDINARY_USER, node, settingsObject } = submission;
  const update = old !== undefined;
  const extra = node === undefined ? {} : { [TokenExtra.nodeName]: [node] };
  const context = { config: configOf(submission), newUuid: () => UUID, allowNotActedOn, settingsObject };
  return admit(
    {
      ...{ kind, operation: update ? 'UPDATE' : 'CREATE', object: manifest(change, kind) },
      ...(update ? { oldObject: manifest(old, kind) } : {}),
      user: { username: user, extra },
    },
    { ...context, installNamespace: INSTALL_NAMESPACE },
  );
};
