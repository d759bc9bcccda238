/** What can fail, as types that a caller can distinguish with `instanceof`. */
import { errorCodeName, errorDomainName, ErrorCode } from './error-codes.js';
import type { ConnectionLimits } from './limits.js';
import type { Domain } from './domain.js';

/** The fields of libvirt's `virError` as the daemon sent them. */
export interface LibvirtErrorFields {
  /** What went wrong: one of ErrorCode. */
  readonly code: number;
  /** Which part of libvirt reports it (`VIR_FROM_*`). */
  readonly domain: number;
  readonly message: string | undefined;
  /** 1 warning, 2 error. */
  readonly level: number;
  /** The virtual machine the error is about; libvirt hardly ever fills it. */
  readonly dom?: Domain | undefined;
  readonly str1?: string | undefined;
  readonly str2?: string | undefined;
  readonly str3?: string | undefined;
  readonly int1?: number;
  readonly int2?: number;
}

/** The daemon refused or failed a call. Nothing of libvirt's error is lost. */
export class LibvirtError extends Error implements LibvirtErrorFields {
  override readonly name = 'LibvirtError';
  readonly code: number;
  /** The code's name without `VIR_ERR_`, for example `NO_DOMAIN`; `UNKNOWN_<n>` for a code of a newer libvirt. */
  readonly codeName: string;
  readonly domain: number;
  /** The name of the reporting part without `VIR_FROM_`, for example `QEMU`. */
  readonly domainName: string;
  readonly level: number;
  readonly dom: Domain | undefined;
  readonly str1: string | undefined;
  readonly str2: string | undefined;
  readonly str3: string | undefined;
  readonly int1: number;
  readonly int2: number;

  /** @param procedure - the name of the call that failed, as in `procedures.ts`. */
  constructor(
    fields: LibvirtErrorFields,
    readonly procedure: string,
  ) {
    super(fields.message ?? `libvirt gave no message for ${procedure} (code ${fields.code})`);
    this.code = fields.code;
    this.codeName = errorCodeName(fields.code);
    this.domain = fields.domain;
    this.domainName = errorDomainName(fields.domain);
    this.level = fields.level;
    this.dom = fields.dom;
    this.str1 = fields.str1;
    this.str2 = fields.str2;
    this.str3 = fields.str3;
    this.int1 = fields.int1 ?? 0;
    this.int2 = fields.int2 ?? 0;
  }
}

/** Whether `error` is libvirt's error with this code: `isLibvirtError(error, 'NO_DOMAIN')`. */
export function isLibvirtError(error: unknown, code?: keyof typeof ErrorCode): error is LibvirtError {
  return error instanceof LibvirtError && (code === undefined || error.code === ErrorCode[code]);
}

/**
 * Why a connection ended: `closed` by us, `lost` (the daemon or the socket went away), `dead-peer` (no answer to
 * keep-alives), `protocol` (the daemon sent bytes that are no libvirt messages), `limit` (the daemon exceeded one of
 * the connection's limits; `cause` is the LimitError that says which), `refused` (it never opened).
 */
export type CloseReason = 'closed' | 'lost' | 'dead-peer' | 'protocol' | 'limit' | 'refused';

/**
 * There is no connection (any more). For a call that was under way it is unknown whether the daemon carried it out:
 * look at the domain's state after reconnecting, do not assume either.
 */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError';

  constructor(
    readonly reason: CloseReason,
    message: string,
    options?: { cause?: unknown; procedure?: string },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.procedure = options?.procedure;
  }

  /** The call that was waiting, if this error rejected one. */
  readonly procedure: string | undefined;
}

/** A call was not answered within `callTimeoutSeconds`. The daemon may still carry it out. */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';

  constructor(
    readonly procedure: string,
    readonly seconds: number,
  ) {
    super(`${procedure} was not answered within ${seconds} s; the daemon may still be working on it`);
  }
}

/** The daemon sent something that does not follow the protocol. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** One of the connection's limits was reached: see ConnectionLimits. */
export class LimitError extends Error {
  override readonly name = 'LimitError';

  /** @param happened - a clause for the message. */
  constructor(
    readonly limit: keyof ConnectionLimits,
    readonly max: number,
    happened: string,
  ) {
    super(`${happened}, over the connection's limit ${limit} of ${max}`);
  }
}

/** A value does not fit its place on the wire, or the bytes do not hold the value that belongs there. */
export class XdrError extends Error {
  override readonly name = 'XdrError';
}

/** Anything that was thrown, as an Error. */
export const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
