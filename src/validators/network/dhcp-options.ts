import { isIPv4 } from 'node:net';
import { withoutLeadingZeros } from '../../api/ip-text.js';
import type { DHCPOptions } from '../../api/schema/networks.js';
import { asksForNothing } from '../../api/settings/asks.js';
import { because, invalid } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { show } from '../rule/wording.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';
import { interfaceMember } from './network-rules.js';

/** The numbers that DHCP leaves to private use (RFC 3942). */
const MIN_OPTION = 224;
const MAX_OPTION = 254;
const isPrivate = (option: number): boolean => option >= MIN_OPTION && option <= MAX_OPTION;

/** DHCP's length of an option, and what is left of a packet of 1,280 bytes, which every network carries. */
const MAX_TEXT = 255;
const MAX_ALL = 1024;

/** Every text of the options, by its path. */
const textsOf = (
  { bootFileName = '', tftpServerName = '', privateOptions = [] }: DHCPOptions,
  path: string,
): readonly (readonly [path: string, bytes: number])[] => {
  const texts: (readonly [string, string])[] = [
    [`${path}.bootFileName`, bootFileName],
    [`${path}.tftpServerName`, tftpServerName],
    ...privateOptions.map(({ value }, i) => [`${path}.privateOptions[${i}].value`, value] as const),
  ];
  return texts.map(([at, text]) => [at, Buffer.byteLength(text)] as const);
};

export const dhcpOptionRules = [
  interfaceMember('dhcpOptions')({
    id: 'if.dhcp-passt',
    source: 'none: somebody else answers DHCP, and says none of this',
    summary: '`dhcpOptions` of an interface with `passtBinding`, or of a binding plugin',
    check: (options, path, _subject, one) => {
      const binding = (['passtBinding', 'binding'] as const).find((name) => one[name]);
      if (binding === undefined || asksForNothing(options, 'section')) return [];
      const who = binding === 'binding' ? 'whoever the binding plugin chose' : 'passt';
      return because(`${path.slice(0, -'dhcpOptions'.length)}${binding}`, [
        invalid(
          path,
          `${who} answers the guest, and says none of this: write masquerade or bridge in its place, or remove dhcpOptions`,
        ),
      ]);
    },
  }),
  interfaceMember('dhcpOptions')({
    id: 'if.dhcp-length',
    source: 'none: the guest would get an answer that is cut off',
    summary: `a text of \`dhcpOptions\` of more than ${MAX_TEXT} bytes, or all of them of more than ${MAX_ALL}`,
    check: (options, path) => {
      const texts = textsOf(options, path);
      const long = texts.find(([, bytes]) => bytes > MAX_TEXT);
      if (long !== undefined)
        return [invalid(long[0], `has ${long[1]} bytes, and an option of DHCP at most ${MAX_TEXT}: shorten it`)];
      const own = texts.reduce((sum, [, bytes]) => sum + bytes, 0) + 4 * (options.ntpServers ?? []).length;
      return own > MAX_ALL
        ? [invalid(path, `has ${own} bytes, and there is room for ${MAX_ALL}: leave some of it out`)]
        : [];
    },
  }),
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
