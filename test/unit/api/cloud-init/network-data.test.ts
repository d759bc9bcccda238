import assert from 'node:assert/strict';
import { networkDataProblems } from '../../../../src/api/cloud-init/network-data.js';

const said = (text: string, source: 'cloudInitNoCloud' | 'cloudInitConfigDrive' = 'cloudInitNoCloud'): string[] =>
  networkDataProblems(text, source).map(({ kind, line, column, message }) => `${kind} ${line}:${column} ${message}`);

describe('network data for cloud-init', () => {
  it('of versions 1 and 2 are known, be they below network', () => {
    for (const text of [
      '',
      'version: 2\nethernets:\n  eth0:\n    dhcp4: true\n',
      'network:\n  version: 2\n  renderer: networkd\n  ethernets: {}\n',
      'version: 1\nconfig:\n- type: physical\n  name: eth0\n',
      '{"version": 2, "ethernets": {}}',
    ])
      assert.deepEqual(said(text), [], text);
  });

  it('are told what is wrong with them', () => {
    assert.deepEqual(said('version: 2\nethernet:\n  eth0: {}'), [
      'key 2:1 the key "ethernet" is none of network data, and is ignored; did you mean "ethernets"?',
    ]);
    assert.deepEqual(said('network:\n  version: 2\n  brigdes: {}'), [
      'key 3:3 the key "brigdes" is none of network data, and is ignored; did you mean "bridges"?',
    ]);
    assert.match(said('ethernets:\n  eth0: {}').join(), /^format 1:1 no version, so that cloud-init ignores them/);
    assert.match(said('version: 1\nethernets: {}').join(), /^format 1:1 version 1 without config/);
    assert.match(said('version: 2\nethernets:\n\teth0: {}').join(), /^yaml 3:1 no YAML/);
  });

  it('of a config drive are JSON of OpenStack', () => {
    const drive = (text: string): string => said(text, 'cloudInitConfigDrive').join();
    assert.equal(drive('{"links": [], "networks": [], "services": []}'), '');
    assert.match(drive('version: 2\nethernets: {}'), /^format 1:1 not JSON/);
    assert.match(drive('{"link": []}'), /^key 1:2 the key "link" .*; did you mean "links"\?$/);
    assert.match(drive('{"links": ['), /^yaml /);
  });
});
