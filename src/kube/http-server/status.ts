import type { Status } from '../types.js';

/** What clients of Kubernetes expect of every error. */
export const failureStatus = (code: number, reason: string, message: string) =>
  ({ apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason, message }) satisfies Status;
