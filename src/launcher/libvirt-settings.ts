/*
 * Settings of a session libvirtd that runs one VM. The launcher image has no Node.js: its entrypoint.sh has the same
 * text, and a test compares them.
 */

/**
 * stdio_handler: QEMU writes its logs itself, which spares a virtlogd per VM. security_driver: a session libvirtd may
 * not label anything. seccomp_sandbox: QEMU's own filter, which needs no privilege.
 */
export const QEMU_CONF = `stdio_handler = "file"
security_driver = "none"
seccomp_sandbox = 1
`;

/** One VM needs few threads, and each costs memory. */
export const LIBVIRTD_CONF = `min_workers = 1
max_workers = 8
prio_workers = 1
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_rw_perms = "0700"
log_level = 4
log_outputs = "4:stderr"
`;
