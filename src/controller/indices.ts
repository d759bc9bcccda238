/** Names of the informers' indices. */
export const Index = {
  launcherPod: 'launcher-pod',
  owner: 'owner',
  node: 'node',
  template: 'template',
  claim: 'claim',
  instancetype: 'instancetype',
} as const;
