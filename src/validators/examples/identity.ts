import { extra, label64, dns, type ExampleTable } from './shared.js';

export const identityExamples: ExampleTable = {
  'id.hostname': {
    accepts: [{ 'spec.hostname': 'a'.repeat(63) }],
    refuses: [
      [{ 'spec.hostname': label64 }, 'spec.hostname'],
      [{ 'spec.hostname': 'a.b' }, 'spec.hostname'],
    ],
  },
  'id.subdomain': {
    accepts: [{ 'spec.subdomain': 'a.b' }],
    refuses: [
      [{ 'spec.subdomain': 'A' }, 'spec.subdomain'],
      [{ 'spec.subdomain': 'a..b' }, 'spec.subdomain'],
    ],
  },
  'id.service-account': {
    accepts: [{ 'spec.serviceAccountName': 'sa.one' }],
    refuses: [
      [{ 'spec.serviceAccountName': 'SA' }, 'spec.serviceAccountName'],
      [{ 'spec.serviceAccountName': '-a' }, 'spec.serviceAccountName'],
    ],
  },
  'id.service-account-volume': {
    accepts: [{ 'spec.serviceAccountName': 'a', ...extra({ serviceAccount: { serviceAccountName: 'a' } }) }],
    refuses: [
      [
        { 'spec.serviceAccountName': 'a', ...extra({ serviceAccount: { serviceAccountName: 'b' } }) },
        'spec.serviceAccountName',
      ],
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
    accepts: [dns({ nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] })],
    refuses: [
      [dns({ nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] }), 'spec.dnsConfig.nameservers'],
      [dns({ nameservers: ['::1', '::2', '::3', '::4', '::5'] }), 'spec.dnsConfig.nameservers'],
    ],
  },
  'dns.nameserver-ip': {
    accepts: [dns({ nameservers: ['010.000.000.001', 'fd00::10'] })],
    refuses: [
      [dns({ nameservers: ['10.0.0.256'] }), 'spec.dnsConfig.nameservers[0]'],
      [dns({ nameservers: ['10.0.0.1', 'dns'] }), 'spec.dnsConfig.nameservers[1]'],
    ],
  },
  'dns.search-count': {
    accepts: [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f'] })],
    refuses: [
      [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }), 'spec.dnsConfig.searches'],
      [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }), 'spec.dnsConfig.searches'],
    ],
  },
  'dns.search-length': {
    accepts: [
      dns({
        searches: Array<string>(4)
          .fill('a'.repeat(63))
          .concat('b'.repeat(0) || 'c')
          .slice(0, 4),
      }),
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
  'meta.labels': {
    accepts: [{ 'metadata.labels': { 'kubevirt.io/vm': 'a' } }],
    refuses: [
      [{ 'metadata.labels': { 'kubevirt.io/nodeName': 'n' } }, 'metadata.labels[kubevirt.io/nodeName]'],
      [{ 'metadata.labels': { 'kubevirt.io/created-by': '' } }, 'metadata.labels[kubevirt.io/created-by]'],
    ],
  },
  'meta.ignition': {
    accepts: [{ 'metadata.annotations': { 'kubevirt.io/ignitiondata': '' } }],
    refuses: [
      [
        { 'metadata.annotations': { 'kubevirt.io/ignitiondata': '{}' } },
        'metadata.annotations[kubevirt.io/ignitiondata]',
      ],
      [
        { 'metadata.annotations': { a: 'b', 'kubevirt.io/ignitiondata': 'x' } },
        'metadata.annotations[kubevirt.io/ignitiondata]',
      ],
    ],
  },
  'meta.sidecar': {
    accepts: [{ 'metadata.annotations': { 'hooks.kubevirt.io/other': 'x' } }],
    refuses: [
      [
        { 'metadata.annotations': { 'hooks.kubevirt.io/hookSidecars': '[]' } },
        'metadata.annotations[hooks.kubevirt.io/hookSidecars]',
      ],
      [
        { 'metadata.annotations': { a: 'b', 'hooks.kubevirt.io/hookSidecars': 'x' } },
        'metadata.annotations[hooks.kubevirt.io/hookSidecars]',
      ],
    ],
  },
};
