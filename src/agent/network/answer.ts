import { answerDhcp, DHCP_PORTS } from './dhcp.js';
import { answerDhcpv6, DHCPV6_PORTS, isRouterSolicitation, routerAdvertisement } from './ipv6.js';
import type { Lease } from './lease.js';
import { addressBytes, icmpv6Frame, macBytes, PROTOCOL, readFrame, udpFrame, type Datagram } from './packets.js';
import { GATEWAY_LINK_LOCAL } from './guest-end.js';

const linkLocal = addressBytes(GATEWAY_LINK_LOCAL);
const EVERYONE = Buffer.alloc(6, 0xff);
const ALL_NODES = { mac: macBytes('33:33:00:00:00:01'), address: addressBytes('ff02::1') };

/**
 * The answer to a frame of a guest: DHCP, DHCPv6, and what a router says of itself when it is asked; undefined for
 * everything else, whatever it is. Pure; never throws.
 */
export const answerFrame = (frame: Buffer, lease: Lease): Buffer | undefined => {
  const asked = readFrame(frame);
  if (asked === undefined || !asked.sourceMac.equals(macBytes(lease.mac))) return undefined;
  if (asked.protocol === PROTOCOL.icmpv6) return isRouterSolicitation(asked.data) ? advertisement(lease) : undefined;
  if (asked.destinationPort === DHCP_PORTS.server && asked.source.length === 4) return dhcp(asked, lease);
  if (asked.destinationPort === DHCPV6_PORTS.server && asked.source.length === 16) return dhcpv6(asked, lease);
  return undefined;
};

const dhcp = (asked: Datagram, lease: Lease): Buffer | undefined => {
  const answer = answerDhcp(asked.data, lease);
  if (answer === undefined || lease.ipv4 === undefined) return undefined;
  const envelope = {
    fromMac: macBytes(lease.gatewayMac),
    toMac: answer.broadcast ? EVERYONE : asked.sourceMac,
    from: addressBytes(lease.ipv4.gateway),
    to: answer.to,
  };
  return udpFrame(envelope, [DHCP_PORTS.server, DHCP_PORTS.client], answer.message);
};

const dhcpv6 = (asked: Datagram, lease: Lease): Buffer | undefined => {
  const message = answerDhcpv6(asked.data, lease);
  if (message === undefined) return undefined;
  const envelope = { fromMac: macBytes(lease.gatewayMac), toMac: asked.sourceMac, from: linkLocal, to: asked.source };
  return udpFrame(envelope, [DHCPV6_PORTS.server, DHCPV6_PORTS.client], message);
};

/** To all: what a router says unasked too, so that the guest keeps its route. */
export const advertisement = (lease: Lease): Buffer | undefined => {
  const message = routerAdvertisement(lease);
  return message === undefined
    ? undefined
    : icmpv6Frame(
        { fromMac: macBytes(lease.gatewayMac), toMac: ALL_NODES.mac, from: linkLocal, to: ALL_NODES.address },
        message,
      );
};
