/*
 * In the place of Multus, which Debian does not package: attaches the networks that a pod's annotation selects, by the
 * plugin `bridge` of Debian's containernetworking-plugins, and writes what came of it into the pod. Run by
 * meta-plugin.sh for the pods that have the annotation; what it knows is in the network configuration of the node.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ANNOTATION = 'io.kubernetes.cri.pod-annotations';
const { CNI_ARGS = '', CNI_COMMAND, CNI_PATH } = process.env;
const { cniVersion, networks, kubectl, kubeconfig, runtimeConfig } = JSON.parse(readFileSync(0, 'utf8'));
const args = Object.fromEntries(CNI_ARGS.split(';').map((one) => one.split('=')));
const wanted = JSON.parse(runtimeConfig[ANNOTATION]['k8s.v1.cni.cncf.io/networks']);

const fail = (msg) => {
  console.log(JSON.stringify({ cniVersion, code: 100, msg }));
  process.exit(1);
};

const attach = ({ name, interface: device, mac }) => {
  if (networks[name] === undefined) fail(`no network is named ${name}`);
  const config = {
    ...{ cniVersion, name, type: 'bridge', ...networks[name] },
    runtimeConfig: mac === undefined ? {} : { mac },
  };
  const output = execFileSync(`${CNI_PATH.split(':')[0]}/bridge`, [], {
    env: { ...process.env, CNI_IFNAME: device },
    input: JSON.stringify(config),
    encoding: 'utf8',
  });
  if (CNI_COMMAND !== 'ADD') return undefined;
  const { interfaces, ips = [] } = JSON.parse(output);
  return {
    name: `${args.K8S_POD_NAMESPACE}/${name}`,
    interface: device,
    mac: interfaces.find((one) => one.name === device)?.mac,
    ips: ips.map(({ address }) => address.split('/')[0]),
    dns: {},
  };
};

const status = wanted.map(attach);
if (CNI_COMMAND === 'ADD') {
  const text = `k8s.v1.cni.cncf.io/network-status=${JSON.stringify(status)}`;
  const pod = ['--namespace', args.K8S_POD_NAMESPACE, 'annotate', '--overwrite', 'pod', args.K8S_POD_NAME, text];
  execFileSync(kubectl, ['--kubeconfig', kubeconfig, ...pod]);
  console.log(JSON.stringify({ cniVersion }));
}
