import { isIP } from 'node:net';
import { withoutLeadingZeros } from '../../api/ip-text.js';
import { isDnsLabel, isDnsSubdomain, LABEL_REMEDY, SUBDOMAIN_REMEDY } from '../rule/names.js';
import { invalid, required } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule } from '../rule/rule.js';
import { show } from '../rule/wording.js';

/** Limits of resolv.conf that Kubernetes keeps for pods too. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 6;
const MAX_SEARCH_CHARACTERS = 256;

export const identityRules = [
  instanceRule({
    id: 'id.hostname',
    field: '$.hostname',
    source: '§6.1',
    summary: 'a host name that is not a DNS label',
    check: ({ path, spec }) =>
      !spec.hostname || isDnsLabel(spec.hostname)
        ? []
        : [invalid(`${path}.hostname`, `${show(spec.hostname)} is not a DNS label: ${LABEL_REMEDY}`)],
  }),
  instanceRule({
    id: 'id.subdomain',
    field: '$.subdomain',
    source: '§6.1',
    summary: 'a subdomain that is not a valid DNS name',
    check: ({ path, spec }) =>
      !spec.subdomain || isDnsSubdomain(spec.subdomain)
        ? []
        : [invalid(`${path}.subdomain`, `${show(spec.subdomain)} is not a DNS subdomain: ${SUBDOMAIN_REMEDY}`)],
  }),
  instanceRule({
    id: 'id.service-account',
    field: '$.serviceAccountName',
    source: '§6.1',
    summary: 'a service account whose name is not a valid DNS name',
    check: ({ path, spec }) =>
      !spec.serviceAccountName || isDnsSubdomain(spec.serviceAccountName)
        ? []
        : [
            invalid(
              `${path}.serviceAccountName`,
              `${show(spec.serviceAccountName)} cannot be the name of a ServiceAccount: ${SUBDOMAIN_REMEDY}`,
            ),
          ],
  }),
  instanceRule({
    id: 'id.service-account-volume',
    field: '$.serviceAccountName',
    source: '§6.1',
    summary: 'a service account other than the one of the serviceAccount volume',
    check: ({ path, spec }) => {
      const name = spec.serviceAccountName;
      if (!name) return [];
      const other = (spec.volumes ?? [])
        .map(({ serviceAccount }) => serviceAccount?.serviceAccountName)
        .find((account) => account && account !== name);
      return other === undefined
        ? []
        : [
            invalid(
              `${path}.serviceAccountName`,
              `${show(name)} is not the serviceAccount volume's ${show(other)}, and a pod has one account: write the same name in both`,
            ),
          ];
    },
  }),
];

export const dnsRules = [
  instanceRule({
    id: 'dns.none-needs-config',
    field: '$.dnsConfig',
    source: '§6.1',
    summary: 'the DNS policy None without a name server',
    check: ({ path, spec }) => {
      if (spec.dnsPolicy !== 'None') return [];
      if (!spec.dnsConfig) {
        return [
          required(
            `${path}.dnsConfig`,
            'is missing, and with dnsPolicy None the guest has no other DNS: write its nameservers here, or another dnsPolicy',
          ),
        ];
      }
      if (spec.dnsConfig.nameservers?.length) return [];
      return [
        required(
          `${path}.dnsConfig.nameservers`,
          'is empty, and with dnsPolicy None the guest has no other DNS: write at least one address, or another dnsPolicy',
        ),
      ];
    },
  }),
  instanceRule({
    id: 'dns.nameserver-count',
    field: '$.dnsConfig.nameservers',
    source: '§6.1',
    summary: `more than ${MAX_NAMESERVERS} name servers`,
    check: ({ path, spec }) => {
      const count = spec.dnsConfig?.nameservers?.length ?? 0;
      return count <= MAX_NAMESERVERS
        ? []
        : [
            invalid(
              `${path}.dnsConfig.nameservers`,
              `has ${count} name servers, and resolv.conf takes ${MAX_NAMESERVERS}: remove ${count - MAX_NAMESERVERS}`,
            ),
          ];
    },
  }),
  instanceRule({
    id: 'dns.nameserver-ip',
    field: '$.dnsConfig.nameservers[]',
    source: '§6.1',
    summary: 'a name server that is not an IP address',
    check: ({ path, spec }) =>
      inEach(spec.dnsConfig?.nameservers, `${path}.dnsConfig.nameservers`, (address, field) =>
        isIP(withoutLeadingZeros(address)) === 0 || address.includes('%')
          ? [invalid(field, `${show(address)} is not an IP address: write one such as "10.0.0.10" or "fd00::10"`)]
          : [],
      ),
  }),
  instanceRule({
    id: 'dns.search-count',
    field: '$.dnsConfig.searches',
    source: '§6.1',
    summary: `more than ${MAX_SEARCHES} search domains`,
    check: ({ path, spec }) => {
      const count = spec.dnsConfig?.searches?.length ?? 0;
      return count <= MAX_SEARCHES
        ? []
        : [
            invalid(
              `${path}.dnsConfig.searches`,
              `has ${count} search domains, and resolv.conf takes ${MAX_SEARCHES}: remove ${count - MAX_SEARCHES}`,
            ),
          ];
    },
  }),
  instanceRule({
    id: 'dns.search-length',
    field: '$.dnsConfig.searches',
    source: '§6.1',
    summary: `search domains of more than ${MAX_SEARCH_CHARACTERS} characters in all`,
    check: ({ path, spec }) => {
      const length = (spec.dnsConfig?.searches ?? []).join(' ').length;
      return length <= MAX_SEARCH_CHARACTERS
        ? []
        : [
            invalid(
              `${path}.dnsConfig.searches`,
              `has ${length} characters in all, a blank between two domains included: shorten it to ${MAX_SEARCH_CHARACTERS}`,
            ),
          ];
    },
  }),
  instanceRule({
    id: 'dns.search-name',
    field: '$.dnsConfig.searches[]',
    source: '§6.1',
    summary: 'a search domain that is not a valid DNS name',
    check: ({ path, spec }) =>
      inEach(spec.dnsConfig?.searches, `${path}.dnsConfig.searches`, (domain, field) =>
        isDnsSubdomain(domain) ? [] : [invalid(field, `${show(domain)} is not a DNS subdomain: ${SUBDOMAIN_REMEDY}`)],
      ),
  }),
  instanceRule({
    id: 'dns.option-name',
    field: '$.dnsConfig.options[].name',
    source: '§6.1',
    summary: 'a resolver option without a name',
    check: ({ path, spec }) =>
      inEach(spec.dnsConfig?.options, `${path}.dnsConfig.options`, ({ name }, at) =>
        name ? [] : [required(`${at}.name`, 'is empty: write which option of the resolver it is, such as "ndots"')],
      ),
  }),
];
