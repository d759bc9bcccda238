import assert from 'node:assert/strict';
import { needsOf } from '../../../src/policies/needs.js';
import { compiledPolicy } from './support.js';

const NONE = { namespace: false, user: false };
const NAMESPACE = { ...NONE, namespace: true };
const USER = { ...NONE, user: true };
const validation = (expression: string, more: object = {}): object => ({
  validations: [{ name: 'one', expression, ...more }],
});
const selector = { matchLabels: { env: 'prod' } };

describe('what a policy reads besides the object', () => {
  const cases: [what: string, spec: object, needs: object][] = [
    ['the object alone', validation('variables.vcpus <= 8'), NONE],
    ['the operation of the request', validation("request.operation == 'CREATE'"), NONE],
    ['whether the request has a name', validation('has(request.name)'), NONE],
    ['the user', validation("request.userInfo.username == 'a'"), USER],
    ['whether there is a user', validation('has(request.userInfo)'), USER],
    ['the request as a whole', validation('request == request'), USER],
    ['a variable called request', validation('[1].all(request, request > 0)'), USER],
    ['the namespace', validation("namespaceObject.metadata.name == 'shop'"), NAMESPACE],
    [
      'the namespace, in a filter',
      validation("['a'].filter(x, x == namespaceObject.metadata.name).size() == 0"),
      NAMESPACE,
    ],
    [
      'the namespace, where a value is absent',
      validation("object.metadata.?name.orValue(namespaceObject.metadata.name) == ''"),
      NAMESPACE,
    ],
    [
      'the namespace, in a message',
      validation('true', { messageExpression: 'namespaceObject.metadata.name' }),
      NAMESPACE,
    ],
    [
      'the namespace, in a variable',
      { variables: [{ name: 'own', expression: 'namespaceObject.metadata.name' }] },
      NAMESPACE,
    ],
    ['the user, in a condition', { matchConditions: [{ name: 'c', expression: "request.userInfo.uid == ''" }] }, USER],
    ['labels of the namespace', { match: { namespaceSelector: selector } }, NAMESPACE],
    [
      'labels that change the action',
      { actionOverrides: [{ namespaceSelector: selector, action: 'Audit' }] },
      NAMESPACE,
    ],
    [
      'labels that change params',
      { params: { values: { a: 1 }, overrides: [{ namespaceSelector: selector, values: { a: 2 } }] } },
      NAMESPACE,
    ],
    ['subjects', { match: { subjects: [{ kind: 'User', name: 'alice' }] } }, USER],
    ['subjects that are left out', { match: { excludeSubjects: [{ kind: 'User', name: 'alice' }] } }, USER],
  ];
  for (const [what, spec, needs] of cases) it(what, () => assert.deepEqual(needsOf(compiledPolicy(spec)), needs));
});
