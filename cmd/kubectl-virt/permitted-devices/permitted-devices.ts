import type { PermittedHostDevices } from '../../../src/api/schema/kubevirt-devices.js';
import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { GROUP, STORED_VERSION } from '../../../src/api/names.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { CliError, ExitCode } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, print, type Io } from '../io.js';
import { printAs } from '../output.js';
import { aligned } from '../table.js';

export interface PermittedDevicesFlags extends GlobalFlags {
  output?: string;
}

const SETTINGS = `/apis/${GROUP}/${STORED_VERSION}/kubevirts`;

const settingsOf = async (io: Io, flags: GlobalFlags): Promise<KubeVirt | undefined> => {
  const client = await connectTo(io, flags);
  try {
    return (await client.get<{ items?: KubeVirt[] }>(SETTINGS)).items?.[0];
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 403) throw error;
    throw new CliError(error.message, { remedy: 'You need the verb list on kubevirts in kubevirt.io.', cause: error });
  }
};

const byWhom = (device: { externalResourceProvider?: boolean | undefined }): string =>
  device.externalResourceProvider === true ? 'another device plugin' : 'virt-agent';

const rowsOf = ({ pciHostDevices = [], mediatedDevices = [], usb = [] }: PermittedHostDevices): string[][] => [
  ...pciHostDevices.map((each) => [each.resourceName, 'PCI', each.pciVendorSelector, byWhom(each)]),
  ...mediatedDevices.map((each) => [each.resourceName, 'mediated', each.mdevNameSelector, byWhom(each)]),
  ...usb.map((each) => {
    const selectors = (each.selectors ?? []).map(({ vendor, product }) => `${vendor}:${product}`);
    return [each.resourceName, 'USB', selectors.join(', ') || '<none>', byWhom(each)];
  }),
];

/** `permitted-devices`: of spec.configuration.permittedHostDevices. */
export const permittedDevices = async (io: Io, flags: PermittedDevicesFlags): Promise<number> => {
  const devices = (await settingsOf(io, flags))?.spec.configuration?.permittedHostDevices ?? {};
  if (flags.output !== undefined) {
    await printAs(io, flags.output, devices);
    return ExitCode.ok;
  }
  const rows = rowsOf(devices);
  if (rows.length === 0)
    note(io, 'No device of a node is permitted: permittedHostDevices of the KubeVirt object names none.');
  else for (const line of aligned([['RESOURCE', 'TYPE', 'DEVICE', 'OFFERED BY'], ...rows])) print(io, line);
  return ExitCode.ok;
};
