import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'policy test',
  group: 'Policies for virtual machines',
  describe: 'Run tests of policies (files of kind PolicyTest), without a cluster',
  arguments: {
    paths: {
      type: 'string',
      array: true,
      describe: 'Files of tests, or directories with *.policytest.yaml; otherwise the present one',
      complete: 'file',
    },
  },
  flags: {
    coverage: {
      type: 'boolean',
      describe: 'What the cases cover: validations, rules of the product, sides of expressions',
    },
    'min-coverage': { type: 'number', describe: 'Exit code 1 where fewer of a hundred have both', complete: [] },
    output: {
      type: 'string',
      alias: 'o',
      default: 'table',
      describe: 'table, json, junit or sarif',
      complete: ['table', 'json', 'junit', 'sarif'],
    },
    watch: { type: 'boolean', alias: 'w', describe: 'Again whenever one of the files changes' },
  },
  examples: [
    ['policy test policies/', 'Every *.policytest.yaml below'],
    ['policy test policies/ --min-coverage 100 -o junit', 'For a pipeline'],
    ['policy test vm-size.policytest.yaml --watch', 'While one is written'],
  ],
  epilogue: 'Exit code: 0 all cases passed, 1 some failed or too little is covered, 2 some could not be run.',
  finds: true,
  run: async (io, flags) => (await import('../policies/test.js')).testPolicies(io, flags),
});
