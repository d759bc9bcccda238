import { IF, iface, type ExampleTable } from '../rule/examples.js';
import { bound } from './example-parts.js';

const dhcp = (dhcpOptions: object) => iface({ dhcpOptions });
const option = (number: number) => ({ option: number, value: 'v' });

const onPasst = (dhcpOptions: object) => iface({ masquerade: undefined, passtBinding: {}, dhcpOptions });

export const dhcpOptionsExamples: ExampleTable = {
  'if.dhcp-passt': {
    gates: ['PasstBinding'],
    config: { network: { binding: { lan: { domainAttachmentType: 'tap' } } } },
    accepts: [dhcp({ bootFileName: 'boot.ipxe' }), onPasst({})],
    refuses: [
      [onPasst({ bootFileName: 'boot.ipxe' }), `${IF}.dhcpOptions`],
      [onPasst({ ntpServers: ['192.0.2.10'] }), `${IF}.dhcpOptions`],
      [
        bound({ binding: { name: 'lan' }, dhcpOptions: { bootFileName: 'x' } }, { multus: { networkName: 'vlan10' } }),
        `${IF}.dhcpOptions`,
      ],
    ],
  },
  'if.dhcp-length': {
    accepts: [dhcp({ bootFileName: 'x'.repeat(255), tftpServerName: 'x'.repeat(255) }), dhcp({ bootFileName: 'x' })],
    refuses: [
      [dhcp({ bootFileName: 'x'.repeat(256) }), `${IF}.dhcpOptions.bootFileName`],
      [
        dhcp({ privateOptions: [{ option: 230, value: 'é'.repeat(128) }] }),
        `${IF}.dhcpOptions.privateOptions[0].value`,
      ],
      [
        dhcp({
          privateOptions: [230, 231, 232, 233, 234].map((number) => ({ option: number, value: 'x'.repeat(255) })),
        }),
        `${IF}.dhcpOptions`,
      ],
    ],
  },
  'if.dhcp-dup': {
    accepts: [
      dhcp({ privateOptions: [option(240), option(241)] }),
      dhcp({ privateOptions: [option(224), option(254)] }),
    ],
    refuses: [
      [dhcp({ privateOptions: [option(240), option(240)] }), `${IF}.dhcpOptions.privateOptions[1].option`],
      [dhcp({ privateOptions: [option(224), option(254), option(254)] }), `${IF}.dhcpOptions.privateOptions[2].option`],
    ],
  },
  'if.dhcp-range': {
    accepts: [dhcp({ privateOptions: [option(240)] }), dhcp({ privateOptions: [option(224), option(254)] })],
    refuses: [
      [dhcp({ privateOptions: [option(223)] }), `${IF}.dhcpOptions.privateOptions[0].option`],
      [dhcp({ privateOptions: [option(240), option(255)] }), `${IF}.dhcpOptions.privateOptions[1].option`],
    ],
  },
  'if.dhcp-ntp': {
    accepts: [dhcp({ ntpServers: ['192.0.2.10'] }), dhcp({ ntpServers: ['192.0.2.10', '010.000.000.001'] })],
    refuses: [
      [dhcp({ ntpServers: ['fd00::10'] }), `${IF}.dhcpOptions.ntpServers[0]`],
      [dhcp({ ntpServers: ['192.0.2.10', 'pool.ntp.org'] }), `${IF}.dhcpOptions.ntpServers[1]`],
    ],
  },
};
