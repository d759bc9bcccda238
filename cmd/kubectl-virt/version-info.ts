import { buildInfo } from '../../src/kube/program/build-info.js';

export const clientVersion = {
  gitVersion: buildInfo.gitVersion,
  gitCommit: buildInfo.commit,
  buildDate: buildInfo.buildDate,
  platform: buildInfo.platform,
  nodeVersion: process.version,
} as const;
