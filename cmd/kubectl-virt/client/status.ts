import type { Status } from '../../../src/api/status.js';
import { CliError } from '../errors.js';

/** An HTTP error of the API server or of an aggregated API behind it. `message` is the server's own. */
export class ApiStatusError extends CliError {
  override readonly name = 'ApiStatusError';
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    remedy?: string,
  ) {
    super(message, { remedy });
  }
}

const remedyFor = (code: number, message: string): string | undefined => {
  if (code === 401) return 'Your credentials were not accepted. Log in again, or choose another --context or --user.';
  // kube-apiserver words these two itself; nothing of ours has answered.
  if (code === 404 && message.includes('could not find the requested resource')) {
    return 'kubectl-virt is not installed in this cluster, or another version is: kubectl get apiservices | grep kubevirt.io';
  }
  if (code === 503) return 'The virt-webhook pods may be starting or down: kubectl get pods -n kubevirt';
  return undefined;
};

/** The error in an HTTP answer: a Status body as it is, anything else as "the server answered CODE: TEXT". */
export const statusError = (code: number, body: string): ApiStatusError => {
  let status: Status = {};
  try {
    status = JSON.parse(body) as Status;
  } catch {
    // Not JSON: a proxy or an aggregated API that answers in plain text.
  }
  if (status.kind === 'Status' && status.message !== undefined) {
    return new ApiStatusError(
      status.code ?? code,
      status.reason ?? '',
      status.message,
      remedyFor(code, status.message),
    );
  }
  const text = body.trim().slice(0, 500);
  return new ApiStatusError(
    code,
    '',
    `the server answered ${code}${text === '' ? '' : `: ${text}`}`,
    remedyFor(code, text),
  );
};
