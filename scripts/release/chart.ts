import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

/*
 * The Helm chart, made of the manifests: what is in them is written nowhere else. One chart is for every version of
 * Kubernetes, because Helm asks the cluster; kustomize cannot, and so has overlays.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (...at: string[]): string => readFileSync(join(root, ...at), 'utf8');

interface Kustomization {
  readonly resources: readonly string[];
  readonly patchesJson6902?: readonly { readonly path: string; readonly target: { readonly name: string } }[];
}
interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

const { version, description } = JSON.parse(read('package.json')) as { version: string; description: string };
const IMAGE = {
  control: `localhost/kubectl-virt/control:${version}`,
  launcher: `localhost/kubectl-virt/launcher:${version}`,
};

/** What may be set: the value that it has otherwise, its schema, and what it is for. */
const VALUES = [
  {
    name: 'images',
    value: { control: IMAGE.control, launcher: IMAGE.launcher, pullPolicy: 'Never' },
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['control', 'launcher', 'pullPolicy'],
      properties: {
        control: { type: 'string', pattern: '^\\S+$' },
        launcher: { type: 'string', pattern: '^\\S+$' },
        pullPolicy: { enum: ['Never', 'IfNotPresent', 'Always'] },
      },
    },
    what: 'The two images, by digest best of all (docs/install.md). Nothing of localhost/ is ever pulled.',
  },
  {
    name: 'replicas',
    value: 2,
    schema: { type: 'integer', minimum: 1, maximum: 9 },
    what: 'Of virt-webhook and of virt-controller. One is enough for trying out.',
  },
  {
    name: 'configuration',
    value: {},
    schema: { type: 'object' },
    what: 'spec.configuration of the KubeVirt object: the settings of the cluster. Empty: there is no such object, and every\nsetting has its default. The first install is without: the chart brings the kind that it is of.',
  },
  {
    name: 'dataVolumes',
    value: false,
    schema: { type: 'boolean' },
    what: 'DataVolumes by the built-in importer: for clusters without CDI only.',
  },
  {
    name: 'global',
    value: {},
    schema: { type: 'object' },
    what: 'What Helm gives every chart; not used.',
  },
] as const;

/** A template says what the text says. */
const literal = (text: string): string => text.replaceAll('{{', '{{ "{{" }}');
const value = (path: string): string => `{{ .Values.${path} | quote }}`;
const only = (condition: string, text: string): string => `{{- if ${condition} }}\n${text.trimEnd()}\n{{- end }}\n`;
const since = (minor: number): string => `semverCompare ">=1.${minor}-0" .Capabilities.KubeVersion.Version`;

/** Replaces as often as it must. @throws Error: the manifests are no longer what this file knows */
const replaced = (text: string, what: RegExp, by: string): string => {
  if (!what.test(text)) throw new Error(`no ${String(what)} in the manifests: scripts/release/chart.ts has to follow`);
  return text.replaceAll(what, by);
};

const escaped = (text: string): RegExp => new RegExp(text.replaceAll('.', '\\.'), 'g');

/** A program with its images and how many there are of it. */
const program = (text: string): string => {
  let result = replaced(text, /imagePullPolicy: Never/g, `imagePullPolicy: ${value('images.pullPolicy')}`);
  const flag = `--launcher-image=${IMAGE.launcher}`;
  result = result.replaceAll(flag, '{{ printf "--launcher-image=%s" .Values.images.launcher | quote }}');
  for (const name of ['control', 'launcher'] as const)
    if (result.includes(IMAGE[name])) result = replaced(result, escaped(IMAGE[name]), value(`images.${name}`));
  return result.replaceAll(/^( +)replicas: 2$/gm, '$1replicas: {{ .Values.replicas }}');
};

const PROGRAMS = new Set(['virt-webhook.yaml', 'virt-controller.yaml', 'virt-agent.yaml']);

/** Helm takes back what it has installed; a definition would take every VM with it. */
const kept = (text: string): string =>
  text
    .split(/^---$/m)
    .map((document) =>
      document.includes('kind: CustomResourceDefinition')
        ? replaced(document, /^metadata:\n/gm, 'metadata:\n  annotations:\n    helm.sh/resource-policy: keep\n')
        : document,
    )
    .join('---');

/** @param fields of each served version, in their order */
const withFields = (text: string, fields: readonly unknown[], minor: number): string => {
  let index = 0;
  const result = text.replaceAll(/^( +)- name: (v1\w*)$/gm, (line, indent: string) => {
    const value = fields[index++];
    return `${line}\n{{- if ${since(minor)} }}\n${indent}  selectableFields: ${JSON.stringify(value)}\n{{- end }}`;
  });
  if (index !== fields.length) throw new Error(`${index} versions of a definition, ${fields.length} patches of it`);
  return result;
};

/** What the overlays add, by the file of manifests/crds that it is added to. */
const fieldsByDefinition = (overlay: string, { patchesJson6902 = [] }: Kustomization) =>
  new Map(
    patchesJson6902.map(({ path, target }) => {
      const operations = parse(read('overlays', overlay, path)) as readonly Operation[];
      operations.forEach(({ op, path: at }, index) => {
        if (op !== 'add' || at !== `/spec/versions/${index}/selectableFields`)
          throw new Error(`overlays/${overlay}/${path}: the chart knows no ${op} of ${at}`);
      });
      return [`crds/${target.name.split('.')[0] ?? ''}.yaml`, operations.map(({ value: fields }) => fields)];
    }),
  );

const overlays = () =>
  readdirSync(join(root, 'overlays'))
    .map((name) => ({
      name,
      minor: Number(name.split('.')[1]),
      made: parse(read('overlays', name, 'kustomization.yaml')) as Kustomization,
    }))
    .toSorted((a, b) => a.minor - b.minor);

const TOO_EARLY =
  'configuration belongs to a kind that the chart brings: install without it first, then helm upgrade with it (helm template: --api-versions kubevirt.io/v1/KubeVirt)';

const templates = (): [string, string][] => {
  const { resources } = parse(read('manifests', 'kustomization.yaml')) as Kustomization;
  const newer = overlays();
  const files = resources.map((file): [string, string] => {
    let text = literal(read('manifests', file));
    if (file.startsWith('crds/')) text = kept(text);
    if (PROGRAMS.has(file)) text = program(text);
    for (const { name, minor, made } of newer) {
      const fields = fieldsByDefinition(name, made).get(file);
      if (fields !== undefined) text = withFields(text, fields, minor);
    }
    return [file, text];
  });
  const added = newer.flatMap(({ name, minor, made }) =>
    made.resources
      .filter((file) => file.endsWith('.yaml'))
      .map((file): [string, string] => [file, only(since(minor), literal(read('overlays', name, file)))]),
  );
  // Helm looks for every kind before it makes anything: with the first release there is none of ours.
  const settings = `${only(
    'not (.Capabilities.APIVersions.Has "kubevirt.io/v1/KubeVirt")',
    `{{- fail ${JSON.stringify(TOO_EARLY)} }}`,
  )}apiVersion: kubevirt.io/v1
kind: KubeVirt
metadata:
  name: kubevirt
  namespace: kubevirt
spec:
  configuration:
{{ toYaml .Values.configuration | indent 4 }}`;
  return [
    ...files,
    ...added,
    ['kubevirt.yaml', only('.Values.configuration', settings)],
    ['data-volumes.yaml', only('.Values.dataVolumes', kept(literal(read('manifests', 'data-volumes.yaml'))))],
    [
      'namespace-of-the-release.yaml',
      only(
        'eq .Release.Namespace "kubevirt"',
        '{{- fail "the chart makes the namespace kubevirt itself, with the labels that its agent needs: install it without --namespace kubevirt" }}',
      ),
    ],
  ];
};

const NOTES = `kubectl-virt {{ .Chart.AppVersion }} is in the namespace kubevirt:

  kubectl -n kubevirt rollout status deployment/virt-webhook deployment/virt-controller daemonset/virt-agent
  kubectl virt doctor

helm uninstall leaves the definitions, and so every VM's object; docs/install.md says how they go.
`;

const valuesText = (): string =>
  VALUES.filter(({ name }) => name !== 'global')
    .map(({ name, value: initial, what }) => `${what.replaceAll(/^/gm, '# ')}\n${stringify({ [name]: initial })}`)
    .join('\n');

/** The chart's files, by their paths in it. */
export const chart = (): ReadonlyMap<string, string> =>
  new Map([
    [
      'Chart.yaml',
      stringify({
        apiVersion: 'v2',
        name: 'kubectl-virt',
        description,
        type: 'application',
        version,
        appVersion: version,
        kubeVersion: '>=1.20.0-0',
      }),
    ],
    ['values.yaml', valuesText()],
    [
      'values.schema.json',
      `${JSON.stringify(
        {
          $schema: 'http://json-schema.org/draft-07/schema#',
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(
            VALUES.map(({ name, schema, what }) => [name, { ...schema, description: what }]),
          ),
        },
        null,
        2,
      )}\n`,
    ],
    ['templates/NOTES.txt', NOTES],
    ...templates().map(([file, text]): [string, string] => [`templates/${file}`, text]),
  ]);
