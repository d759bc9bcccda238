import { isIPv4 } from 'node:net';
import { withoutLeadingZeros } from '../../api/ip-text.js';
import type { DHCPOptions } from '../../api/schema/networks.js';
import { addressBytes } from './packets.js';

/** RFC 2132. */
const OPTION = { ntp: 42, tftpServer: 66, bootFile: 67 } as const;

/** An option of DHCP; a longer one in several of the same code (RFC 3396). */
export const option = (code: number, value: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(value.length / 255) }, (_, index) => {
    const part = value.subarray(index * 255, (index + 1) * 255);
    return Buffer.concat([Buffer.from([code, part.length]), part]);
  });

const text = (code: number, value = ''): Buffer[] => option(code, Buffer.from(value, 'utf8'));

/** `dhcpOptions` of an interface, as a client reads them. */
export const chosenOptions = ({
  bootFileName,
  ntpServers = [],
  privateOptions = [],
  tftpServerName,
}: DHCPOptions = {}): Buffer[] => [
  ...text(OPTION.tftpServer, tftpServerName),
  ...text(OPTION.bootFile, bootFileName),
  ...option(OPTION.ntp, Buffer.concat(ntpServers.map(withoutLeadingZeros).filter(isIPv4).map(addressBytes))),
  ...privateOptions.flatMap(({ option: code, value }) => text(code, value)),
];

/** Boot ROMs look for the server in the message's own field, which has room for an address only. */
export const nextServer = ({ tftpServerName = '' }: DHCPOptions = {}): Buffer | undefined =>
  isIPv4(withoutLeadingZeros(tftpServerName)) ? addressBytes(withoutLeadingZeros(tftpServerName)) : undefined;
