/*
 * The page of troubleshooting writes commands without a name. Typed as they are in another namespace than the VM's,
 * they would act on another VM, so that a report has them whole.
 */

/** What takes the VM's name and its namespace. */
const OF_VM = /\bkubectl virt (?:console|restart|start|stop|unpause)\b/g;
/** Whose object the message names. */
const OF_NAMESPACE = /\bkubectl (?:(?:describe|get) (?:dv|pod|pvc)|logs POD)\b/g;

/** A remedy with the VM's name and namespace in its commands. */
export const addressed = (remedy: string, name: string, namespace: string): string =>
  remedy
    .replaceAll(OF_VM, (command: string, at: number) =>
      remedy.startsWith(` ${name} -n `, at + command.length) ? command : `${command} ${name} -n ${namespace}`,
    )
    .replaceAll(OF_NAMESPACE, `$& -n ${namespace}`);
