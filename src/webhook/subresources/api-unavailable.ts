import { StatusError } from '../../agent-api/status-error.js';

/** This replica has not started fully: the caller may try again. */
export class ApiUnavailable extends StatusError {
  constructor(what: string) {
    super('ServiceUnavailable', `virt-webhook is starting: ${what}; try again in a few seconds`);
  }
}
