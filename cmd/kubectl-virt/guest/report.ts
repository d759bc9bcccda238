import { isRecord } from '../../../src/api/record.js';
import { connectTo } from '../connect.js';
import { ExitCode } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, print, type Io } from '../io.js';
import { printAs } from '../output.js';
import { subresourcePath } from '../paths.js';
import { parseTarget } from '../target.js';
import { aligned } from '../table.js';
import { explained } from './explained.js';
import type { Report } from './report-flags.js';

interface ReportFlags extends GlobalFlags {
  target: string;
  output: string;
}

const NOTHING = '<none>';
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : NOTHING;

const itemsOf = (said: unknown, key: string): Readonly<Record<string, unknown>>[] => {
  const list = isRecord(said) ? said[key] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
};

const UNITS = ['B', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
const size = (value: unknown): string => {
  if (typeof value !== 'number' || value <= 0) return NOTHING;
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10));
  return `${(value / 2 ** (10 * power)).toFixed(power === 0 ? 0 : 1)}${UNITS[power] ?? ''}`;
};

/** Seconds since 1970, of the guest's clock. */
const time = (value: unknown): string => {
  const at = new Date(typeof value === 'number' ? value * 1_000 : NaN);
  return Number.isNaN(at.getTime()) ? NOTHING : at.toISOString().replace(/\.\d+Z$/, 'Z');
};

const used = ({ usedBytes, totalBytes }: Readonly<Record<string, unknown>>): string =>
  typeof usedBytes === 'number' && typeof totalBytes === 'number' && totalBytes > 0
    ? `${Math.round((usedBytes / totalBytes) * 100)}%`
    : NOTHING;

/** What is shown as a table: rows, the header first. */
const TABLES: Readonly<Record<Report['subresource'], (said: unknown) => string[][]>> = {
  userlist: (said) => [
    ['USER', 'DOMAIN', 'SINCE'],
    ...itemsOf(said, 'items').map(({ userName, domain, loginTime }) => [text(userName), text(domain), time(loginTime)]),
  ],
  filesystemlist: (said) => [
    ['MOUNTED ON', 'TYPE', 'SIZE', 'USED', 'USE%', 'DEVICE', 'BUS'],
    ...itemsOf(said, 'items').map((item) => [
      ...[text(item['mountPoint']), text(item['fileSystemType']), size(item['totalBytes']), size(item['usedBytes'])],
      ...[used(item), text(item['diskName'])],
      itemsOf(item, 'disk')
        .map(({ busType }) => text(busType))
        .join(',') || NOTHING,
    ]),
  ],
  guestosinfo: (said) => {
    const info = isRecord(said) ? said : {};
    const os = isRecord(info['os']) ? info['os'] : {};
    const off = itemsOf(info, 'supportedCommands').filter(({ enabled }) => enabled !== true);
    return [
      ['WHAT', 'VALUE'],
      ['Host name', text(info['hostname'])],
      ['System', text(os['prettyName'] ?? os['name'])],
      ['Kernel', text(os['kernelRelease'])],
      ['Machine', text(os['machine'])],
      ['Time zone', text(info['timezone'])],
      ['Users', String(itemsOf(info, 'userList').length)],
      ['File systems', String(itemsOf(info['fsInfo'], 'disks').length)],
      ['Frozen', text(info['fsFreezeStatus'])],
      ['Agent', text(info['guestAgentVersion'])],
      ['Agent may not', off.map(({ name }) => text(name)).join(' ') || NOTHING],
    ];
  },
};

/** `guestosinfo`, `userlist`, `fslist`. Source: docs/reference/control.md §1.8. */
export const showReport = async (io: Io, report: Report, flags: ReportFlags): Promise<number> => {
  const { name, namespace } = parseTarget(flags.target);
  const client = await connectTo(io, flags, namespace);
  const path = subresourcePath('vmi', client.namespace, name, report.subresource);
  let said: unknown;
  try {
    said = await client.get(path);
  } catch (error) {
    throw await explained(io, client, error, {
      ...{ name, doing: report.doing, right: `get of virtualmachineinstances/${report.subresource}`, role: 'view' },
    });
  }
  if (flags.output !== 'table') {
    await printAs(io, flags.output, said);
    return ExitCode.ok;
  }
  const rows = TABLES[report.subresource](said);
  if (rows.length === 1) note(io, `The guest of ${name} has none.`);
  else for (const line of aligned(rows)) print(io, line);
  return ExitCode.ok;
};
