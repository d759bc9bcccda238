import { isIPv4 } from 'node:net';
import { withoutLeadingZeros } from '../machine/identity.js';
import { invalid } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { show } from '../rule/wording.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';
import { interfaceMember } from './network-rules.js';

/** The numbers that DHCP leaves to private use (RFC 3942). */
const MIN_OPTION = 224;
const MAX_OPTION = 254;
const isPrivate = (option: number): boolean => option >= MIN_OPTION && option <= MAX_OPTION;

export const dhcpOptionRules = [
  interfaceMember('dhcpOptions')({
    id: 'if.dhcp-dup',
    field: '.privateOptions[].option',
    summary: 'two private DHCP options of the same number',
    check: ({ privateOptions = [] }, path) =>
      inEach(
        earlierTwins(privateOptions, ({ option }) => (isPrivate(option) ? option : undefined)),
        `${path}.privateOptions`,
        (twin, at, i) =>
          twin === undefined
            ? []
            : [
                invalid(
                  `${at}.option`,
                  `${show(privateOptions[i]?.option)} is the number of privateOptions[${twin}] already: give each its own, ${MIN_OPTION} to ${MAX_OPTION}`,
                ),
              ],
      ),
  }),
  interfaceMember('dhcpOptions')({
    id: 'if.dhcp-range',
    field: '.privateOptions[].option',
    summary: `a private DHCP option that is not in ${MIN_OPTION} to ${MAX_OPTION}`,
    check: ({ privateOptions = [] }, path) =>
      inEach(privateOptions, `${path}.privateOptions`, ({ option }, at) =>
        isPrivate(option)
          ? []
          : [
              invalid(
                `${at}.option`,
                `${option} is no private DHCP option: write a number from ${MIN_OPTION} to ${MAX_OPTION}`,
              ),
            ],
      ),
  }),
  interfaceMember('dhcpOptions')({
    id: 'if.dhcp-ntp',
    field: '.ntpServers[]',
    summary: 'a time server that is not an IPv4 address',
    check: ({ ntpServers = [] }, path) =>
      inEach(ntpServers, `${path}.ntpServers`, (address, field) =>
        isIPv4(withoutLeadingZeros(address))
          ? []
          : [
              invalid(
                field,
                `${show(address)} is no IPv4 address, and DHCP can hand out nothing else: write one such as "192.0.2.10"`,
              ),
            ],
      ),
  }),
];
