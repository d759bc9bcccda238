import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GLOBAL_FUNCTIONS, MEMBER_FUNCTIONS } from '../../../../src/policies/cel/functions/table.js';
import { MACRO_NAMES } from '../../../../src/policies/cel/macros.js';
import { compile, isProgram } from '../../../../src/policies/cel/program.js';
import { admissionEnvironment, evaluate, shown } from './evaluate.js';

const GLOBALS =
  'bool bytes cidr double duration dyn format.byte format.date format.datetime format.dns1035Label ' +
  'format.dns1035LabelPrefix format.dns1123Label format.dns1123LabelPrefix format.dns1123Subdomain ' +
  'format.dns1123SubdomainPrefix format.labelValue format.named format.qualifiedName format.uri format.uuid int ip ' +
  'ip.isCanonical isCIDR isIP isQuantity isSemver isURL lists.range matches optional.none optional.of optional.ofNonZeroValue ' +
  'optional.unwrap quantity semver sets.contains sets.equivalent sets.intersects sign size string strings.quote ' +
  'timestamp type uint url';
const MEMBERS =
  'add asApproximateFloat asInteger charAt compareTo contains containsCIDR containsIP distinct endsWith family find ' +
  'findAll first flatten format getDate getDayOfMonth getDayOfWeek getDayOfYear getEscapedPath getFullYear getHost ' +
  'getHostname getHours getMilliseconds getMinutes getMonth getPort getQuery getScheme getSeconds hasValue indexOf ip ' +
  'isGlobalUnicast isGreaterThan isInteger isLessThan isLinkLocalMulticast isLinkLocalUnicast isLoopback isSorted ' +
  'isUnspecified join last lastIndexOf lowerAscii major masked matches max min minor or orValue patch prefixLength ' +
  'replace reverse size slice sort split startsWith sub substring sum trim unwrapOpt upperAscii validate value';
const MACROS =
  'all exists existsOne exists_one filter has map optFlatMap optMap sortBy transformList transformMap transformMapEntry';

/** A function of each library, and the environment that has it first. */
const SINCE: readonly (readonly [text: string, since: number])[] = [
  ['optional.of(1).hasValue()', 28],
  ["{'a': 1}.?a.orValue(2) == 1", 28],
  ['optional.of(1).optMap(x, x).hasValue()', 28],
  ["quantity('1').isInteger()", 28],
  ['sets.contains([1], [1])', 29],
  ["'%d'.format([1]) == '1'", 29],
  ["strings.quote('a') != ''", 29],
  ["isIP('10.0.0.1')", 30],
  ["cidr('10.0.0.0/8').prefixLength() == 8", 30],
  ["format.named('uuid').hasValue()", 31],
  ['[1].all(i, v, v == 1)', 32],
  ["isSemver('1.2.3')", 33],
  ['[1].existsOne(x, x == 1)', 33],
  ['[2, 1].sort() == [1, 2]', 34],
  ['[2, 1].sortBy(x, x) == [1, 2]', 34],
];

describe('Functions of expressions', () => {
  it('are a closed list', () => {
    assert.deepEqual([...GLOBAL_FUNCTIONS.keys()].sort(), GLOBALS.split(' '));
    assert.deepEqual([...MEMBER_FUNCTIONS.keys()].sort(), MEMBERS.split(' '));
    assert.deepEqual([...MACRO_NAMES].sort(), MACROS.split(' '));
  });

  for (const [text, since] of SINCE) {
    it(`are there from the version on that has them: ${text}`, () => {
      assert.ok(isProgram(compile(text, admissionEnvironment(since))), `it compiles in 1.${since}`);
      const older = compile(text, admissionEnvironment(since - 1));
      assert.ok(!isProgram(older), `it does not in 1.${since - 1}`);
      assert.match(older.problems[0]!.message, /from Kubernetes 1\.\d\d on; the policy says compatibility 1\.\d\d/);
      assert.equal(shown(evaluate(text)), 'true');
    });
  }

  it('do no I/O, and know no time or chance', () => {
    const root = fileURLToPath(new URL('../../../../src/policies', import.meta.url));
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const text = readFileSync(join(root, name), 'utf8');
      assert.doesNotMatch(
        text,
        /\b(?:Date\.now|new Date\(\)|Math\.random|process\.|setTimeout|fetch\(|performance\.)/,
        name,
      );
      assert.doesNotMatch(text, /from '(?:node:|.*\/kube\/)/, name);
    }
  });
});

describe('What functions give', () => {
  for (const [text, value] of [
    ["quantity('5.') == quantity('5') && isQuantity('.5') && !isQuantity('0x10') && !isQuantity('1ki')", 'true'],
    ["quantity('9999999999999999999').isInteger()", 'false'],
    ["quantity('2000m').isInteger() || quantity('1.0').isInteger() || quantity('0.0').isInteger()", 'false'],
    ["quantity('1.5Gi').isInteger() || quantity('1Pi').isInteger() || quantity('100Ti').isInteger()", 'false'],
    ["quantity('1Ti').isInteger() && quantity('1E').isInteger() && quantity('007').isInteger()", 'true'],
    ["quantity('500m').add(quantity('0.5')) == quantity('1')", 'true'],
    ["quantity('500m').add(quantity('0.5')).asInteger()", 'error: cannot convert value to integer'],
    ["quantity('1e30').asInteger()", 'error: cannot convert value to integer'],
    ["quantity('50k').add(20).sub(quantity('100k')).sub(-50000).asInteger()", '20'],
    ["quantity('9E').add(quantity('9E')).isInteger()", 'false'],
    ["quantity('0').add(quantity('2000m')).isInteger() || quantity('2000m').sub(0).isInteger()", 'false'],
    ["quantity('0.3').asApproximateFloat() == 0.3 || quantity('-3').asApproximateFloat() != -3.0", 'false'],
    ["quantity('10Ei').compareTo(quantity('8Ei'))", '0'],
    ["matches('abc', 'b') && !matches('abc', '^b') && 'abc'.matches('b')", 'true'],
    ["ip('::ffff')", 'IpAddress(::ffff)'],
    ["string(ip('2001:DB8:0:0:1:0:0:1'))", '"2001:db8::1:0:0:1"'],
    ["string(ip('1:0:0:2:0:0:0:3'))", '"1:0:0:2::3"'],
    ["ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:0db8::1')", 'true'],
    [
      "isIP('::') && isIP('1::') && isIP('::1.2.3.4') && !isIP('1:::2') && !isIP('fe80::1%eth0') && !isIP('1.2.3')",
      'true',
    ],
    ["isIP('1:2:3:4:5:6:7:8') && !isIP('1:2:3:4:5:6:7') && !isIP('1:2:3:4:5:6:7:8:9') && !isIP('1::2::3')", 'true'],
    ["ip('127.0.0.1').isLoopback() && ip('::1').isLoopback() && ip('fe80::1').isLinkLocalUnicast()", 'true'],
    [
      "ip('8.8.8.8').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && !ip('224.0.0.1').isGlobalUnicast()",
      'true',
    ],
    ["string(cidr('10.1.2.3/8').masked())", '"10.0.0.0/8"'],
    ["cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8')", 'true'],
    ["cidr('2001:db8::/32').containsIP('2001:db8:1::1') && !cidr('0.0.0.0/0').containsIP('::1')", 'true'],
    ["isCIDR('10.0.0.0/33') || isCIDR('10.0.0.0/08') || isCIDR('10.0.0.0') || isCIDR('10.0.0.0/')", 'false'],
    ["url('https://user:pass@example.com:80/path?query=val#fragment').getHost()", '"example.com:80"'],
    ["url('https://[::1]:80/').getHostname() + url('https://[::1]:80/').getPort()", '"::180"'],
    ["url('https://example.com/path with spaces/').getEscapedPath()", '"/path%20with%20spaces/"'],
    ["url('https://example.com/path?k1=a&k2=b&k2=c').getQuery()", '{"k1": ["a"], "k2": ["b", "c"]}'],
    [
      "isURL('https://a:b:c/') || isURL('../relative-path') || isURL('') || isURL('http://[::1') || isURL('http://a%zz/')",
      'false',
    ],
    ["isURL('/absolute-path') && isURL('mailto:x@y') && isURL('docker://registry.example.com/os:12')", 'true'],
    [
      "semver('1.0.0-alpha.1').isLessThan(semver('1.0.0-alpha.beta')) && semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))",
      'true',
    ],
    [
      "semver('1.0.0+a') == semver('1.0.0+b') && isSemver('01.01.01', true) && !isSemver('01.1.1') && !isSemver('1.0-a', true)",
      'true',
    ],
    [
      "'%s %s'.format([[1.5, 'a', null], {'b': 1, 'a': b'x'}])",
      String.raw`"[1.500000, \"a\", null] {\"a\":b\"x\", \"b\":1}"`,
    ],
    ["'%.3f %.0f %x %X %o %b'.format([1234567.5, 2.5, 255, 'hi', 8, -5])", '"1,234,567.500 2 ff 6869 10 -101"'],
    ["'%e'.format([1052.032911275])", '"1.052033\u202f×\u202f10⁰³"'],
    ["string(1e6) + ' ' + string(123456.0) + ' ' + string(0.00001) + ' ' + string(-0.0)", '"1e+06 123456 1e-05 -0"'],
    [
      "string(duration('1ns')) + ' ' + string(duration('-1.5s')) + ' ' + string(duration('0'))",
      '"0.000000001s -1.5s 0s"',
    ],
    [
      "timestamp('0001-01-01T00:00:00Z').getFullYear() == 1 && timestamp(0) == timestamp('1970-01-01T00:00:00Z')",
      'true',
    ],
    ["timestamp('2024-02-29T23:59:59.5-02:00').getDayOfYear()", '60'],
    [
      "timestamp('2026-03-01T10:00:00Z').getHours('+05:30') == 15 && timestamp('2026-03-01T10:00:00Z').getHours('-00:30') == 9",
      'true',
    ],
    ["timestamp('9999-12-31T23:59:59Z') + duration('1s')", 'error: timestamp overflow'],
    ["'a,b'.split(',', 0) == [] && 'a,b,c'.split(',', -1).size() == 3 && 'ab'.split('') == ['a', 'b']", 'true'],
    ["'aaa'.replace('a', 'b', 2) + 'ab'.replace('', '-') + 'ab'.replace('', '-', 1)", '"bba-a-b--ab"'],
    ["'tacocat'.lastIndexOf('a') == 5 && 'tacocat'.indexOf('a', 3) == 5 && '🎉🎉'.lastIndexOf('🎉') == 1", 'true'],
    ["format.dns1123LabelPrefix().validate('web-').hasValue() || format.labelValue().validate('').hasValue()", 'false'],
    ["format.qualifiedName().validate('example.com/a/b').value().size()", '1'],
    ["format.date().validate('2026-02-30').hasValue() && format.byte().validate('aGVsbG8').hasValue()", 'true'],
    ["[1, 2].sum() + [3, 1].min() == 4 && ['b', 'a'].max() == 'b' && [1, 1, 2].isSorted()", 'true'],
    ["['c', 'a', 'b'].sortBy(x, x).reverse()", '["c", "b", "a"]'],
    ["[{'n': 2}, {'n': 1}].sortBy(x, x.n).map(x, x.n)", '[1, 2]'],
    ['[1, 2, 3].first().value() + [].last().orValue(9) + lists.range(3)[2]', '12'],
    ["optional.ofNonZeroValue('').or(optional.of('x')).value()", '"x"'],
    ['optional.none().value()', 'error: optional.none() dereference'],
    ["[?optional.of(1), ?optional.none()] == [1] && {?'a': optional.none()} == {}", 'true'],
    ["type(1) == int && type(quantity('1')) == kubernetes.Quantity && type(optional.none()) == optional_type", 'true'],
  ] as const) {
    it(text.slice(0, 100), () => assert.equal(shown(evaluate(text)), value));
  }
});
