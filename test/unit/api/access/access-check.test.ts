import assert from 'node:assert/strict';
import { checkPermissions, MAX_QUESTIONS } from '../../../../src/api/access/access-check.js';
import { accessWords, type Access, type Permission } from '../../../../src/api/access/access.js';
import { MAX_MESSAGE } from '../../../../src/api/cause.js';

const user = { username: 'bob', groups: [], extra: {} };
const pods: Access = { verb: 'create', group: '', resource: 'pods', namespace: 'ns' };
const secret = (name: string, field = 'spec.a'): Permission => ({
  field,
  uses: `Secret "${name}"`,
  anyOf: [pods, { verb: 'get', group: '', resource: 'secrets', namespace: 'ns', name }],
});
const asking = (allows: (words: string) => boolean) => {
  const asked: string[] = [];
  const ask = (access: Access): Promise<boolean> => {
    asked.push(accessWords(access));
    return Promise.resolve(allows(accessWords(access)));
  };
  return { asked, ask };
};

describe('asking for the rights of a request', () => {
  it('puts each question once, and the usual one first', async () => {
    const { asked, ask } = asking(() => true);
    assert.deepEqual(
      await checkPermissions(
        ['a', 'b', 'c'].map((name) => secret(name)),
        user,
        ask,
      ),
      [],
    );
    assert.deepEqual(asked, ['create pods']);
  });
  it('takes any of the rights', async () => {
    const { asked, ask } = asking((words) => words.startsWith('get secrets'));
    assert.deepEqual(await checkPermissions([secret('a'), secret('a')], user, ask), []);
    assert.deepEqual(asked, ['create pods', 'get secrets a']);
  });
  it('names each place, what it uses, who lacks which right, and what an administrator types', async () => {
    const { ask } = asking((words) => words === 'get secrets b');
    const causes = await checkPermissions([secret('a', 'spec.x'), secret('b'), secret('a', 'spec.y')], user, ask);
    assert.deepEqual(
      causes.map(({ field, type }) => [field, type]),
      [
        ['spec.x', 'FieldValueForbidden'],
        ['spec.y', 'FieldValueForbidden'],
      ],
    );
    assert.match(
      causes[0]!.message,
      /^uses Secret "a", for which "bob" lacks the right in namespace ns: create pods or get secrets a; grant one \(kubectl create role NAME -n ns --verb=create --resource=pods, and a rolebinding\)$/,
    );
  });
  it('refuses what could not be asked, and says so', async () => {
    const causes = await checkPermissions([secret('a')], user, () => Promise.reject(new Error('no route to host')));
    assert.equal(causes.length, 1);
    assert.match(causes[0]!.message, /could not be asked whether "bob" may: no route to host; try again$/);
    assert.equal(causes[0]!.rule, 'access.not-asked');
  });
  it('refuses, too, when the first question has no answer and the second would be yes', async () => {
    const ask = ({ resource }: Access) =>
      resource === 'pods' ? Promise.reject(new Error('x')) : Promise.resolve(true);
    assert.equal((await checkPermissions([secret('a')], user, ask)).length, 1);
  });
  it(`asks ${MAX_QUESTIONS} questions at most, whatever an object names`, async () => {
    const { asked, ask } = asking(() => false);
    const many = Array.from({ length: 1000 }, (_, n) => secret(`s${n}`));
    const causes = await checkPermissions(many, user, ask);
    assert.equal(asked.length, MAX_QUESTIONS);
    assert.equal(causes.length, 1000);
    assert.match(causes.at(-1)!.message, /needs more than 64 different rights/);
  });
  it('keeps messages short, whatever users and objects are called', async () => {
    const [cause] = await checkPermissions([secret('a'.repeat(253))], { ...user, username: 'u'.repeat(5000) }, () =>
      Promise.resolve(false),
    );
    assert.ok(cause!.message.length <= MAX_MESSAGE);
  });
});
