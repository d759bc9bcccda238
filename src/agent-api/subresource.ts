import type { VirtualMachineInstance } from '../api/schema/kinds.js';

/** Kinds of values in a body: `duration` as Go writes it, `words` a list of texts, `base64` bytes. */
export type OptionKind = 'boolean' | 'integer' | 'dryRun' | 'duration' | 'text' | 'words' | 'base64';

/** What a body of a subresource may hold besides `kind` and `apiVersion`: name → kind of value. */
export type OptionShape = Readonly<Record<string, OptionKind>>;

interface Entry {
  /** For docs/errors.md; continues the subresource's name. */
  readonly summary: string;
  readonly method: 'GET' | 'PUT' | 'POST';
  /** What RBAC asks for. */
  readonly verb: 'get' | 'update' | 'create';
  /** The least of the built-in roles that has it: admin has what edit has, edit what view has. */
  readonly role: 'view' | 'edit' | 'admin';
  readonly options: OptionShape;
  /** Bytes that its body may have, where options of a line are not all: then it is JSON. */
  readonly bodyBytes?: number;
}

/** The webhook answers it by itself: it changes objects of the API. */
export interface WebhookEntry extends Entry {
  readonly served: 'webhook';
}

/** The webhook answers it by itself: it changes nothing, and its answer has a body. */
export interface QuestionEntry extends Entry {
  readonly served: 'question';
  readonly method: 'GET';
  readonly verb: 'get';
}

/**
 * The agent of the VMI's node does it. What its action returns is the body of the answer, JSON; an action that returns
 * nothing is answered without a body. So a question (`method: 'GET'`) is an entry like a command.
 */
export interface AgentEntry extends Entry {
  readonly served: 'agent';
  /**
   * What must hold before the agent is asked. @throws StatusError 409 for a state that may change, 400 for a setting
   * that will not
   */
  readonly check: (vmi: VirtualMachineInstance) => void;
  /** Whether the guest must be paused, or must not, and what is answered where it is otherwise; absent: either. */
  readonly paused?: { readonly must: boolean; readonly refusal: string };
}

/** A WebSocket, relayed between the client and the agent (stream.ts). */
export interface StreamEntry extends Entry {
  readonly served: 'stream';
  readonly method: 'GET';
  readonly verb: 'get';
  /** Words of the query that it knows, each `true` or `false`; a stream has no body. */
  readonly query?: readonly string[];
  /** As a user calls what it leads to. */
  readonly what: string;
  readonly check: AgentEntry['check'];
}

/** A WebSocket to a port of the guest, which the path names below the word (forward.ts). */
export interface ForwardEntry extends Entry {
  readonly served: 'forward';
  readonly method: 'GET';
  readonly verb: 'get';
  readonly check: AgentEntry['check'];
}

/** A picture, which the agent has QEMU take, in an answer of a bounded size. */
export interface PictureEntry extends Entry {
  readonly served: 'picture';
  readonly method: 'GET';
  readonly verb: 'get';
  readonly query: readonly string[];
  readonly check: AgentEntry['check'];
}

/** The webhook takes an eviction's mark back. */
export interface EvacuationEntry extends Entry {
  readonly served: 'evacuation';
}

export type SubresourceEntry =
  EvacuationEntry | WebhookEntry | QuestionEntry | AgentEntry | StreamEntry | PictureEntry | ForwardEntry;
