import { INSTALL_NAMESPACE } from '../api/names.js';

const PROGRAMS = ['virt-webhook', 'virt-controller', 'virt-agent'];

/** Whether a user is the service account of one of our own programs, which may change what users may not. */
export const isOurProgram = (username: string | undefined, namespace = INSTALL_NAMESPACE): boolean =>
  PROGRAMS.some((program) => username === `system:serviceaccount:${namespace}:${program}`);
