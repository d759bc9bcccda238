import { dns, extra, label64, type ExampleTable, volume } from '../rule/examples.js';

const account = (serviceAccountName: string) => volume({ serviceAccount: { serviceAccountName } });

export const identityExamples: ExampleTable = {
  'id.hostname': {
    why: "The guest's host name is that of its pod, which Kubernetes puts into DNS.",
    accepts: [{ 'spec.hostname': 'web' }, { 'spec.hostname': 'a'.repeat(63) }],
    refuses: [
      [{ 'spec.hostname': 'web.example' }, 'spec.hostname'],
      [{ 'spec.hostname': label64 }, 'spec.hostname'],
    ],
  },
  'id.subdomain': {
    accepts: [{ 'spec.subdomain': 'shop' }, { 'spec.subdomain': 'a.b' }],
    refuses: [
      [{ 'spec.subdomain': 'Shop' }, 'spec.subdomain'],
      [{ 'spec.subdomain': 'a..b' }, 'spec.subdomain'],
    ],
  },
  'id.service-account': {
    accepts: [{ 'spec.serviceAccountName': 'deployer' }, { 'spec.serviceAccountName': 'sa.one' }],
    refuses: [
      [{ 'spec.serviceAccountName': 'Deployer' }, 'spec.serviceAccountName'],
      [{ 'spec.serviceAccountName': '-a' }, 'spec.serviceAccountName'],
    ],
  },
  'id.service-account-volume': {
    accepts: [{ 'spec.serviceAccountName': 'deployer', ...account('deployer') }],
    refuses: [
      [{ 'spec.serviceAccountName': 'deployer', ...account('viewer') }, 'spec.serviceAccountName'],
      [
        { 'spec.serviceAccountName': 'c', ...extra({ serviceAccount: { serviceAccountName: 'b' } }) },
        'spec.serviceAccountName',
      ],
    ],
  },
  'dns.none-needs-config': {
    accepts: [{ 'spec.dnsPolicy': 'None', ...dns({ nameservers: ['10.0.0.1'] }) }],
    refuses: [
      [{ 'spec.dnsPolicy': 'None' }, 'spec.dnsConfig'],
      [{ 'spec.dnsPolicy': 'None', ...dns({}) }, 'spec.dnsConfig.nameservers'],
    ],
  },
  'dns.nameserver-count': {
    why: 'A resolver reads the first three of `resolv.conf` and ignores the others.',
    accepts: [dns({ nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] })],
    refuses: [
      [dns({ nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] }), 'spec.dnsConfig.nameservers'],
      [dns({ nameservers: ['::1', '::2', '::3', '::4', '::5'] }), 'spec.dnsConfig.nameservers'],
    ],
  },
  'dns.nameserver-ip': {
    accepts: [dns({ nameservers: ['10.0.0.25'] }), dns({ nameservers: ['010.000.000.001', 'fd00::10'] })],
    refuses: [
      [dns({ nameservers: ['10.0.0.256'] }), 'spec.dnsConfig.nameservers[0]'],
      [dns({ nameservers: ['10.0.0.1', 'dns'] }), 'spec.dnsConfig.nameservers[1]'],
    ],
  },
  'dns.search-count': {
    why: 'Kubernetes keeps this limit of resolvers for pods too.',
    accepts: [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f'] })],
    refuses: [
      [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }), 'spec.dnsConfig.searches'],
      [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }), 'spec.dnsConfig.searches'],
    ],
  },
  'dns.search-length': {
    why: 'Kubernetes keeps this limit of resolvers for pods too.',
    accepts: [
      dns({ searches: ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(62)] }),
      // 256 characters with the four blanks.
      dns({ searches: ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(62), 'e'] }),
    ],
    refuses: [
      [
        dns({ searches: ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(63), 'e'] }),
        'spec.dnsConfig.searches',
      ],
      [
        dns({ searches: [`${'a'.repeat(63)}.${'b'.repeat(63)}`, `${'c'.repeat(63)}.${'d'.repeat(63)}`, 'ef'] }),
        'spec.dnsConfig.searches',
      ],
    ],
  },
  'dns.search-name': {
    accepts: [dns({ searches: ['example.com'] })],
    refuses: [
      [dns({ searches: ['example.com.'] }), 'spec.dnsConfig.searches[0]'],
      [dns({ searches: ['Example.com'] }), 'spec.dnsConfig.searches[0]'],
    ],
  },
  'dns.option-name': {
    accepts: [dns({ options: [{ name: 'ndots', value: '5' }] })],
    refuses: [
      [dns({ options: [{ value: '5' }] }), 'spec.dnsConfig.options[0].name'],
      [dns({ options: [{ name: 'a' }, { name: '' }] }), 'spec.dnsConfig.options[1].name'],
    ],
  },
};
