import { visibleLine } from '../../../src/api/visible-text.js';
import { connectTo } from '../connect.js';
import { ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, print, type Io } from '../io.js';
import { printAs } from '../output.js';
import { parseTarget } from '../target.js';
import { addressed } from './addressed.js';
import { writeBundle } from './bundle.js';
import type { Check, CheckState, Report } from './check.js';
import { lastWarnings } from './events.js';
import { checkImages } from './images.js';
import { checkAdmission, checkCluster, checkResources, checkSubresources, checkVersions } from './installation.js';
import { checkMachine } from './machine.js';
import { checkNodes } from './nodes.js';
import { checkPrograms, checkSettings } from './programs.js';
import { Reader } from './reader.js';
import { checkStorage } from './storage.js';

export interface DoctorFlags extends GlobalFlags {
  target?: string;
  output?: string;
  bundle?: string;
}

/** Of one question, unless the user says otherwise: what hangs is a finding. */
const PATIENCE = '15s';

const lookAtCluster = async (reader: Reader, now: number): Promise<Report> => {
  const cluster = await checkCluster(reader);
  if (cluster.state === 'problem') return { checks: [cluster], events: [] };
  // One after the other: an answer with an error closes the connections of all.
  const checks: Check[] = [cluster, ...(await checkPrograms(reader)), ...(await checkAdmission(reader, now))];
  checks.push(...(await checkSubresources(reader)), ...(await checkResources(reader)), await checkVersions(reader));
  const images = await checkImages(reader);
  if (images !== undefined) checks.push(images);
  checks.push(await checkSettings(reader), ...(await checkNodes(reader, now)), await checkStorage(reader));
  return { checks, events: [] };
};

const lookAtMachine = async (reader: Reader, name: string, now: number): Promise<Report> => {
  const { namespace } = reader.client;
  const checks = (await checkMachine(reader, name, now)).map((check) =>
    check.remedy === undefined ? check : { ...check, remedy: addressed(check.remedy, name, namespace) },
  );
  const isFine = checks.every(({ state }) => state === 'ok');
  return { checks, events: isFine ? [] : await lastWarnings(reader, name) };
};

const WORD: Readonly<Record<CheckState, string>> = {
  ok: 'ok',
  warning: 'WARNING',
  problem: 'PROBLEM',
  unknown: 'unknown',
};
const WIDTH = Math.max(...Object.values(WORD).map((word) => word.length));

const printCheck = (io: Io, { about, state, message, remedy }: Check): void => {
  const word = WORD[state].padEnd(WIDTH);
  if (state === 'problem') io.stdout.paint('red', word);
  else if (state === 'warning') io.stdout.paint('yellow', word);
  else io.stdout.write(word);
  print(io, `  ${visibleLine(`${about}: ${message}`)}`);
  if (remedy !== undefined && remedy !== '') print(io, `${' '.repeat(WIDTH)}    → ${visibleLine(remedy)}`);
};

const counted = (checks: readonly Check[], state: CheckState, word: string): string[] => {
  const count = checks.filter((check) => check.state === state).length;
  return count === 0 ? [] : [`${count} ${word}${count === 1 || state === 'unknown' ? '' : 's'}`];
};

const printReport = (io: Io, { checks, events }: Report): void => {
  for (const check of checks) printCheck(io, check);
  if (events.length > 0) print(io, '\nLast warnings among its events:');
  for (const { time, object, reason, message } of events)
    print(io, `  ${visibleLine(`${time}  ${object}  ${reason}: ${message}`)}`);
  const summary = [
    ...counted(checks, 'problem', 'problem'),
    ...counted(checks, 'warning', 'warning'),
    ...counted(checks, 'unknown', 'not visible to you'),
  ];
  print(io, `\n${summary.length === 0 ? 'Nothing is wrong.' : `${summary.join(', ')}.`}`);
};

/** `doctor`: the cluster, or one VM. */
export const doctor = async (io: Io, flags: DoctorFlags): Promise<number> => {
  const { output, bundle } = flags;
  if (output !== undefined && !['json', 'yaml'].includes(output))
    throw new UsageError(`unsupported output format "${output}"`, { remedy: 'Use -o json or -o yaml.' });
  const target = flags.target === undefined ? undefined : parseTarget(flags.target);
  const patience = flags['request-timeout'] === '0' ? PATIENCE : flags['request-timeout'];
  const client = await connectTo(io, { ...flags, 'request-timeout': patience }, target?.namespace);
  const reader = new Reader(client);
  const now = Date.now();
  const report =
    target === undefined ? await lookAtCluster(reader, now) : await lookAtMachine(reader, target.name, now);
  const healthy = report.checks.every(({ state }) => state !== 'problem');
  if (output === undefined) printReport(io, report);
  else await printAs(io, output, { healthy, ...report });
  if (bundle !== undefined) {
    const files = await writeBundle(bundle, { reader, report, now });
    note(
      io,
      `Wrote ${bundle}: ${files} files. Read it before you hand it on: it names VMs, nodes, images and addresses.`,
    );
  }
  return healthy ? ExitCode.ok : ExitCode.failure;
};
