import assert from 'node:assert/strict';
import { Spending } from '../../../../src/policies/cel/evaluate/spending.js';
import { admissionEnvironment, compiled, inputsOf } from './evaluate.js';

/*
 * What Kubernetes' own functions cost, by the figures that its tests have: those without literals of lists and maps,
 * which admission folds and those tests do not.
 */

const FIGURES = String.raw`
5 '01234567890123456789012345678901234567890123456789'.indexOf('123')
5 '01234567890123456789012345678901234567890123456789'.lastIndexOf('123')
4 url('https:://kubernetes.io/').getScheme()
4 url('https:://kubernetes.io/').getHostname()
4 url('https:://kubernetes.io/').getHost()
4 url('https:://kubernetes.io/').getPort()
4 url('https:://kubernetes.io/').getEscapedPath()
4 url('https:://kubernetes.io/').getQuery()
7 url('https:://kubernetes.io/') == url('https:://kubernetes.io/')
5 url('https:://kubernetes.io/') == url('http://x.b')
2 ip('192.168.0.1')
3 ip('192.168.0.1').family()
3 ip('192.168.0.1').isUnspecified()
3 ip('192.168.0.1').isLoopback()
3 ip('192.168.0.1').isLinkLocalMulticast()
3 ip('192.168.0.1').isLinkLocalUnicast()
3 ip('192.168.0.1').isGlobalUnicast()
5 ip('192.168.0.1') == ip('192.168.0.1')
4 ip('2001:db8:3333:4444:5555:6666:7777:8888')
5 ip('2001:db8:3333:4444:5555:6666:7777:8888').family()
5 ip('2001:db8:3333:4444:5555:6666:7777:8888').isUnspecified()
5 ip('2001:db8:3333:4444:5555:6666:7777:8888').isLoopback()
5 ip('2001:db8:3333:4444:5555:6666:7777:8888').isLinkLocalMulticast()
5 ip('2001:db8:3333:4444:5555:6666:7777:8888').isLinkLocalUnicast()
5 ip('2001:db8:3333:4444:5555:6666:7777:8888').isGlobalUnicast()
7 ip('2001:db8:3333:4444:5555:6666:7777:8888') == ip('192.168.0.1')
3 ip.isCanonical('192.168.0.1')
8 ip.isCanonical('2001:db8:3333:4444:5555:6666:7777:8888')
3 ip.isCanonical('2001:db8::abcd')
2 cidr('192.168.0.0/16')
3 cidr('192.168.0.0/16').ip()
3 cidr('192.168.0.0/16').prefixLength()
3 cidr('192.168.0.0/16').masked()
5 cidr('192.168.0.0/16') == cidr('2001:db8::/32')
2 cidr('2001:db8::/32')
3 cidr('2001:db8::/32').ip()
3 cidr('2001:db8::/32').prefixLength()
3 cidr('2001:db8::/32').masked()
5 cidr('2001:db8::/32') == cidr('2001:db8::/32')
7 cidr('192.168.0.0/16').containsCIDR(cidr('192.0.0.0/30'))
7 cidr('192.168.0.0/16').containsCIDR(cidr('192.168.0.0/16'))
7 cidr('192.168.0.0/16').containsCIDR('192.0.0.0/30')
7 cidr('192.168.0.0/16').containsCIDR('192.168.0.0/16')
4 cidr('192.168.0.0/16').containsIP(ip('192.0.0.1'))
5 cidr('192.168.0.0/16').containsIP(ip('192.169.0.1'))
5 cidr('192.168.0.0/16').containsIP(ip('192.169.169.250'))
4 cidr('192.168.0.0/16').containsIP('192.0.0.1')
5 cidr('192.168.0.0/16').containsIP('192.169.0.1')
7 cidr('2001:db8::/32').containsCIDR(cidr('2001:db8::/126'))
7 cidr('2001:db8::/32').containsCIDR(cidr('2001:db8::/32'))
7 cidr('2001:db8::/32').containsCIDR('2001:db8::/126')
3 'ABCDEFGHIJ abcdefghij'.upperAscii()
9 'ABCDEFGHIJ abcdefghij'.upperAscii() == 'abcdefghij ABCDEFGHIJ'.upperAscii()
3 strings.quote('ABCDEFGHIJ abcdefghij')
9 strings.quote('ABCDEFGHIJ abcdefghij') == strings.quote('ABCDEFGHIJ abcdefghij')
3 'abc 123 def 123'.replace('123', '456')
3 'abc 123 def 123'.replace('', 'x')
3 'abc 123 def 123'.replace('123', '')
3 'abc 123 def 123'.replace('123', '456', 1)
3 'abc 123 def 123'.split(' ')
3 'abc 123 def 123'.split(' ', 1)
2 'abc 123 def 123'.substring(5)
2 'abc 123 def 123'.substring(5, 8)
2 '  abc 123 def 123  '.trim()
2 'abc 123 def 123'.find('123')
2 'abc 123 def 123'.findAll('123')
2 'abc 123 def 123'.findAll('123', 1)
1 quantity("12Mi")
1 isQuantity("20")
3 quantity("200M") == quantity("200M")
6 quantity("200M") == quantity("0.2G") && quantity("0.2G") == quantity("200M")
9 quantity("2M") == quantity("0.002G") && quantity("2000k") == quantity("2M") && quantity("0.002G") == quantity("2000k")
3 quantity("50M").isLessThan(quantity("50Mi"))
4 quantity("200M").compareTo(quantity("0.2G")) > 0
5 quantity("50k").add(quantity("20")) == quantity("50.02k")
5 quantity("50k").sub(quantity("20")) == quantity("49.98k")
4 quantity("50k").sub(20) == quantity("49980")
6 quantity("50k").add(20).sub(quantity("100k")).asInteger() > 0
7 quantity("50k").add(20).sub(quantity("100k")).sub(-50000).asInteger() > 0
3 quantity("50k").asInteger() > 0
2 quantity("50").isInteger()
3 quantity("50.703k").asApproximateFloat() > 0.0
1 format.named("dns1123subdomain")
17 format.named("dns1123Subdomain").value().validate("my-name")
10 format.named("dns1123Label").value().validate("my-name")
5 format.named("dns1123Label").value() == format.named("dns1123Label").value()
1 semver("1.0.0")
4 isSemver("1234.56789012345.67890123456789")
2 semver("1.2.3").major()
2 semver("1.2.3").patch()
3 semver("1.0.0").isLessThan(semver("1.1.0"))
3 semver("1.0.0").compareTo(semver("1.2.3"))
`;

describe("The cost of Kubernetes' functions", () => {
  for (const line of FIGURES.trim().split('\n')) {
    const [, units = '', text = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
    it(line, () => {
      const spending = new Spending();
      compiled(text, admissionEnvironment()).evaluate(inputsOf(), spending);
      assert.equal(spending.units, Number(units));
    });
  }
});
