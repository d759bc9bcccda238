import { POLICY_GROUP } from '../../../src/api/names.js';
import type { Manifest } from './manifests.js';

/** Whether an object is a policy, an exception or a test of them: what reads those is loaded only for them. */
export const isOfPolicies = ({ object: { apiVersion } }: Manifest): boolean =>
  typeof apiVersion === 'string' && apiVersion.split('/')[0] === POLICY_GROUP;
