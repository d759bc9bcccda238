import type { Request } from '../validators/rule.js';
import { agentOf, isOurProgram } from './our-programs.js';
import type { AdmissionContext, AdmissionRequest } from './types.js';

/** What every rule may know about a request. */
export const ruleRequest = (
  { operation, user }: AdmissionRequest,
  { config, installNamespace }: AdmissionContext,
): Request => ({
  operation,
  config,
  byOurPrograms: isOurProgram(user?.username, installNamespace),
  agent: agentOf(user, installNamespace),
});
