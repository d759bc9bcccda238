import { isIPv4 } from 'node:net';
import { withoutLeadingZeros } from '../machine/identity.js';
import { interfaceFieldRule } from './network-rule.js';
import { inEach, invalid, show } from '../rule/rule.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';

/** The numbers that DHCP leaves to private use (RFC 3942). */
const MIN_OPTION = 224;
const MAX_OPTION = 254;
const isPrivate = (option: number): boolean => option >= MIN_OPTION && option <= MAX_OPTION;

export const dhcpOptionRules = [
  interfaceFieldRule(
    'if.dhcp-dup',
    'dhcpOptions',
    '.privateOptions[].option',
    'two private DHCP options of the same number',
    ({ privateOptions = [] }, _one, path) =>
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
  ),
  interfaceFieldRule(
    'if.dhcp-range',
    'dhcpOptions',
    '.privateOptions[].option',
    `a private DHCP option that is not in ${MIN_OPTION} to ${MAX_OPTION}`,
    ({ privateOptions = [] }, _one, path) =>
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
  ),
  interfaceFieldRule(
    'if.dhcp-ntp',
    'dhcpOptions',
    '.ntpServers[]',
    'a time server that is not an IPv4 address',
    ({ ntpServers = [] }, _one, path) =>
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
  ),
];
