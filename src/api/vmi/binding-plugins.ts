import type { InterfaceBindingPlugin } from '../schema/kubevirt-configuration.js';
import type { Network } from '../schema/networks.js';

/** Plugins as the KubeVirt object registers them, by name. */
export type BindingPlugins = Readonly<Record<string, InterfaceBindingPlugin>>;

/** Both are a tap in a bridge with the network's device here: whoever makes the tap, the guest sees the same. */
const AS_BRIDGE = ['tap', 'managedTap'];
const SETTING = 'spec.configuration.network.binding of the KubeVirt object';

/**
 * Why an interface cannot be bound by a plugin, and what to do; undefined: it can, as by `bridge` without DHCP. A
 * sentence.
 */
export const bindingPluginProblem = (
  name: string,
  plugins: BindingPlugins,
  network: Network | undefined,
): string | undefined => {
  const plugin = Object.hasOwn(plugins, name) ? plugins[name] : undefined;
  const shown = JSON.stringify(name);
  if (plugin === undefined)
    return `no binding plugin is named ${shown} in ${SETTING}: write bridge: {}, or register it`;
  if (plugin.sidecarImage)
    return `the binding plugin ${shown} has a sidecar, which rewrites the domain; that is not supported: write bridge: {}`;
  if (plugin.networkAttachmentDefinition)
    return `the binding plugin ${shown} has a network attachment of its own, which is not supported: write bridge: {}`;
  const { domainAttachmentType: type = '' } = plugin;
  if (!AS_BRIDGE.includes(type))
    return `the binding plugin ${shown} attaches the guest by ${JSON.stringify(type)}; only ${AS_BRIDGE.join(' and ')} are supported: write bridge: {}`;
  return network?.multus === undefined
    ? `the binding plugin ${shown} works on networks of multus only: write masquerade: {} or bridge: {}`
    : undefined;
};
