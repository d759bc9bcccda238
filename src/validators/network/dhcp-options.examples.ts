import { IF, iface, type ExampleTable } from '../rule/examples.js';

const dhcp = (dhcpOptions: object) => iface({ dhcpOptions });
const option = (number: number) => ({ option: number, value: 'v' });

export const dhcpOptionsExamples: ExampleTable = {
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
