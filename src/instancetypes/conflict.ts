/** A field that an instance type sets and that the VM's template has as well. */
export interface Conflict {
  /** Below `spec.template`: `spec.domain.cpu.cores`. */
  readonly path: string;
  /** What the instance type gives there, in words: "its number of vCPUs (2)". */
  readonly gives: string;
}
