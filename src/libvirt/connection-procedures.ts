/** Procedures of the connection itself: authentication, opening, events. */
import { int, list, nothing, optional, struct, truth, uint } from './codec.js';
import { command, remote } from './procedure.js';
import { domain, optionalString } from './wire-types.js';

export const connectionProcedures = {
  authList: remote('authList', 66, nothing, struct({ types: list(int, 20) })),
  authPolkit: remote('authPolkit', 70, nothing, struct({ complete: int })),
  connectSupportsFeature: remote('connectSupportsFeature', 60, struct({ feature: int }), struct({ supported: truth })),
  connectOpen: command('connectOpen', 1, struct({ name: optionalString, flags: uint })),
  connectClose: command('connectClose', 2, nothing),
  eventRegister: remote(
    'connectDomainEventCallbackRegisterAny',
    316,
    struct({ eventId: int, domain: optional(domain) }),
    struct({ callbackId: int }),
  ),
  eventDeregister: command('connectDomainEventCallbackDeregisterAny', 317, struct({ callbackId: int })),
} as const;
