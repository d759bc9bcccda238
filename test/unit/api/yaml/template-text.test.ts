import assert from 'node:assert/strict';
import { readYaml } from '../../../../src/api/yaml/read-yaml.js';

const problemsOf = (text: string): string[] =>
  readYaml(text).problems.map(({ line, column, kind, message }) => `${line}:${column} ${kind}: ${message}`);

describe("the reader of YAML: OpenShift's Template", () => {
  it("in OpenShift's Template parameters are no mistake, and those that are get their own words", () => {
    const template = (line: string): string =>
      `kind: Template\napiVersion: template.openshift.io/v1\nobjects:\n- cores: \${{CORES}}\n  name: a-\${NAME}\n${line}\n`;
    assert.deepEqual(problemsOf(template('  c: 1')), []);
    assert.deepEqual(
      problemsOf(template('   c: 1')).join(),
      problemsOf(template('   c: 1').replaceAll(/\$\{+\w+\}+/g, 'x')).join(),
    );
    assert.match(problemsOf(template('   c: 1')).join(), /^6:\d+ syntax: /);
    assert.match(problemsOf(template('  ${NAME}: b: c')).join(), /^6:\d+ syntax: a second ": "/);
    for (const parameter of ['${MEMORY}', '${{MEMORY}}']) {
      assert.deepEqual(problemsOf(template(`  resources: {requests: {memory: ${parameter}}}`)), [
        `6:34 syntax: ${parameter} stands in braces without quotes: write "${parameter}"`,
      ]);
      assert.deepEqual(problemsOf(template(`  resources: {memory: '${parameter}'}`)), []);
    }
    assert.match(problemsOf(template('{{- if .Values.x }}')).join(), /^6:1 template: this is a Helm template/);
    assert.match(
      problemsOf('kind: Other\na: {b: ${X}}\n').join(),
      /template: \$\{X\} is a variable to be replaced first/,
    );
  });
});
