export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

/** Patches in the order in which they must be sent. `vm` is its spec, `vm/status` its status subresource. */
export interface StateChange {
  readonly target: 'vm' | 'vm/status' | 'vmi';
  readonly operations: readonly PatchOperation[];
  /** Sent when a later patch of the same request fails, so that nothing half done stays. */
  readonly undo?: readonly PatchOperation[];
  /** Takes back a start whose VMI may have come meanwhile: what was wanted is decided again where it has. */
  readonly cancelsStart?: true;
}
