import { answeredError, type ApiError } from '../../../src/kube/client/api-error.js';
import { CliError } from '../errors.js';

/** An HTTP error of the API server or of an aggregated API behind it. `message` is the server's own. */
export class ApiStatusError extends CliError {
  override readonly name = 'ApiStatusError';
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    remedy?: string,
    /** `reason` of the first cause in the Status's details, which tells cases of one code apart. */
    readonly detail?: string,
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

export const asStatusError = ({ code, reason, message, details }: ApiError): ApiStatusError => {
  const detail = details?.causes?.[0]?.reason;
  // What names its cause says by it what to do.
  const remedy = code === 503 && detail !== undefined ? undefined : remedyFor(code, message);
  return new ApiStatusError(code, reason, message, remedy, detail);
};

/** The error in an HTTP answer: a Status body as it is, anything else as "the server answered CODE: TEXT". */
export const statusError = (code: number, body: string): ApiStatusError => asStatusError(answeredError(code, body));
