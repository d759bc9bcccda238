import { isRecord } from '../api/record.js';

/*
 * The subresource `guestexec`: a command in the guest. It is started by one request and waited for by others, each of a
 * few seconds: a request through the API server may not last as long as a command.
 */

/** Bytes that the command may read from its stdin. */
export const MAX_EXEC_STDIN = 256 * 1024;
/** Words of a command, and characters of all of them. */
export const MAX_EXEC_WORDS = 256;
export const MAX_EXEC_CHARACTERS = 64 * 1024;
/** Of both outputs together, about: what libvirt hands over in one message, in base64. */
export const MAX_EXEC_OUTPUT = 640 * 1024;

/** What is answered; of a command that has not ended only its id, by which it is asked for again. */
export interface GuestExecAnswer {
  readonly id: string;
  readonly exited: boolean;
  /** Of one that ended by itself. */
  readonly exitCode?: number;
  /** Of one that was ended. */
  readonly signal?: number;
  /** Base64. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** The guest's agent has kept only the beginning. */
  readonly truncated?: boolean;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const isCode = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
/** Undefined for what is none: the guest's agent may answer anything. */
export const base64Of = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && BASE64.test(value) ? value : undefined;

/**
 * What the guest's agent answers to `guest-exec-status`; undefined while the command runs, or for an answer of no form.
 */
export const readExecStatus = (answer: unknown): Omit<GuestExecAnswer, 'id'> | undefined => {
  if (!isRecord(answer) || answer['exited'] !== true) return undefined;
  const { exitcode, signal, 'out-data': out, 'err-data': err } = answer;
  const [stdout, stderr] = [base64Of(out), base64Of(err)];
  return {
    exited: true,
    ...(isCode(exitcode) ? { exitCode: exitcode } : {}),
    ...(isCode(signal) ? { signal } : {}),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    ...(answer['out-truncated'] === true || answer['err-truncated'] === true ? { truncated: true } : {}),
  };
};
