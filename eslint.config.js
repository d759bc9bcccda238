import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/*
 * Dependencies point one way (ADR 0001): cmd → {webhook, controller, agent} → {mutators, validators, policies, domain,
 * launcher} → api; explain is for documentation and the plugin only; agent → libvirt; shells → kube. `libvirt` is the
 * workspace package node-libvirt: it imports nothing of ours, and is imported by its name.
 */
const pure = ['mutators', 'validators', 'policies', 'domain', 'launcher', 'instancetypes'];
const allowed = {
  api: [],
  'agent-api': ['api'],
  libvirt: [],
  kube: ['api'],
  mutators: ['api'],
  validators: ['api', 'agent-api'],
  policies: ['api', 'validators'],
  domain: ['api'],
  launcher: ['api'],
  // What an instance type and a preference make of a VM; preferences are for the devices that defaults add, too.
  instancetypes: ['api', 'mutators'],
  admission: ['api', 'agent-api', 'mutators', 'validators', 'policies', 'instancetypes'],
  explain: ['api', 'agent-api', 'admission', 'mutators', 'validators'],
  webhook: ['api', 'agent-api', 'admission', ...pure, 'kube'],
  controller: ['api', 'agent-api', 'admission', ...pure, 'kube'],
  agent: ['api', 'agent-api', ...pure, 'kube', 'libvirt'],
};
const layers = Object.keys(allowed);

/** What no file has, whatever else is forbidden in it. */
const SYNTAX = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  {
    selector:
      "TSTypeReference[typeName.name='Partial'] > TSTypeParameterInstantiation > TSTypeReference[typeName.name='Record']",
    message:
      'Every kind needs an entry: Record<…>. Where some have none on purpose, write { readonly [Kind in …]?: … } and say why.',
  },
];

const packageByPath = {
  regex: '^(\\.\\./)+(src/)?libvirt/',
  message: "Import what node-libvirt exports: from 'node-libvirt'.",
};
const restrictImports = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

const layerRules = layers.map((layer) => ({
  files: [`src/${layer}/**/*.ts`],
  rules: restrictImports([
    ...layers
      .filter((other) => other !== layer && !allowed[layer].includes(other))
      .map((other) => ({
        regex: other === 'libvirt' ? '^node-libvirt$' : `^(\\.\\./)+(src/)?${other}/`,
        message: `src/${layer} may not import src/${other}: dependencies point one way (docs/adr/0001).`,
      })),
    packageByPath,
    { regex: '(^|/)cmd/', message: 'src may not import cmd: dependencies point one way.' },
    // Policies are others' programs: nothing that they reach does I/O or knows the time.
    ...(layer === 'policies' ? [{ regex: '^node:', message: 'src/policies is pure: no I/O, no clock.' }] : []),
  ]),
}));

/** Of the programs only `kubectl virt run` speaks to a libvirtd by itself. */
const programRules = [
  { files: ['cmd/**/*.ts'], allowed: false },
  { files: ['cmd/kubectl-virt/offline/run.ts', 'cmd/kubectl-virt/offline/run/**/*.ts'], allowed: true },
].map(({ files, allowed: mayImport }) => ({
  files,
  rules: restrictImports([
    ...(mayImport ? [] : [{ regex: '^node-libvirt$', message: 'Only what runs a guest itself speaks to libvirt.' }]),
    packageByPath,
  ]),
}));

export default tseslint.config(
  { ignores: ['**/dist/', 'coverage/', 'node_modules/', '.tmp/', 'bin/'] },
  {
    files: ['**/*.ts'],
    extends: [eslint.configs.recommended, ...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-restricted-syntax': ['error', ...SYNTAX],
      // A member that is added to a union is named here wherever a switch has forgotten it.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'max-lines': ['error', 300],
    },
  },
  {
    // Text of others goes through a writer that makes it visible: cmd/kubectl-virt/text-writer.ts,
    // src/kube/program/program-log.ts.
    files: ['cmd/**/*.ts', 'src/**/*.ts', 'scripts/demo.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        ...['stdout', 'stderr'].map((property) => ({
          object: 'process',
          property,
          message: 'Write through Io or programLog.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        ...SYNTAX,
        { selector: 'ImportSpecifier[imported.name=/^std(out|err)$/]', message: 'Write through Io or programLog.' },
        { selector: 'ImportDeclaration[source.value=/^(node:)?console$/]', message: 'Write through Io or programLog.' },
        {
          selector:
            'CallExpression:matches([callee.name=/^write/], [callee.property.name=/^write/]) > Literal.arguments:first-child:matches([value=1], [value=2])',
          message: 'Write through Io or programLog.',
        },
      ],
    },
  },
  {
    // The writers.
    files: ['cmd/kubectl-virt/process-io.ts', 'src/kube/program/program-log.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // One table, in which things are looked up.
    files: ['scripts/differences.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    // A test may assert what the compiler cannot know, and its assertions are expressions.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      'max-lines': 'off',
    },
  },
  {
    files: ['**/*.mjs', '*.js'],
    extends: [eslint.configs.recommended],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  { files: ['eslint.config.js'], rules: { 'no-restricted-syntax': 'off' } },
  ...layerRules,
  ...programRules,
);
