/*
 * Keys at the top of what cloud-init reads. Sources: cloud-init, cloudinit/config/schemas/schema-cloud-config-v1.json
 * (25.2) and, of what it no longer documents, cc_apt_configure and the data sources; netplan's reference for networks;
 * OpenStack's network_data.json.
 */

export const CLOUD_CONFIG_KEYS: ReadonlySet<string> = new Set(
  `allow_public_ssh_keys ansible apk_repos apt apt_pipelining apt_reboot_if_required apt_update apt_upgrade authkey_hash
  autoinstall bootcmd byobu_by_default ca-certs ca_certs chef chpasswd cloud_config_modules cloud_final_modules
  cloud_init_modules create_hostname_file device_aliases disable_ec2_metadata disable_piwiz disable_root
  disable_root_opts disk_setup drivers enable_rpi_connect fan final_message fqdn fs_setup groups growpart grub-dpkg
  grub_dpkg hostname keyboard landscape launch-index locale locale_configfile lxd manage_etc_hosts manage_resolv_conf
  mcollective merge_how merge_type migrate mount_default_fields mounts no_ssh_fingerprints ntp output
  package_reboot_if_required package_update package_upgrade packages password phone_home power_state
  prefer_fqdn_over_hostname preserve_hostname puppet random_seed reporting resize_rootfs resolv_conf rh_subscription
  rpi_interfaces rpi_userconf rsyslog runcmd salt_minion snap spacewalk ssh ssh_authorized_keys ssh_deletekeys
  ssh_fp_console_blacklist ssh_genkeytypes ssh_import_id ssh_key_console_blacklist ssh_keys ssh_publish_hostkeys
  ssh_pwauth ssh_quiet_keygen swap system_info timezone ubuntu_advantage ubuntu_pro updates user users vendor_data
  version wireguard write_files yum_repo_dir yum_repos zypper
  apt_sources apt_mirror apt_proxy apt_http_proxy apt_preserve_sources_list byobu datasource datasource_list debug
  disable_network_activation log_cfgs manage-resolv-conf snappy syslog_fix_perms warnings`.split(/\s+/),
);

/**
 * Of other programs that take the same first line in guests of theirs (Flatcar, RancherOS, k3os, Elemental, Kairos,
 * VyOS, cloudbase-init): where one of these stands, cloud-init's list says nothing about the rest.
 */
export const KEYS_OF_OTHER_READERS: ReadonlySet<string> = new Set(
  `coreos rancher k3os k3s k0s kairos p2p stages elemental install rke2 harvesterhci os scheme_version vyos_config_commands
  vyos_config_options set_timezone set_hostname`.split(/\s+/),
);

/** Of network data of versions 1 and 2. */
export const NETWORK_KEYS: ReadonlySet<string> = new Set(
  `version renderer config ethernets bonds bridges vlans wifis modems tunnels vrfs dummy-devices virtual-ethernets
  nm-devices openvswitch`.split(/\s+/),
);

/** Of OpenStack's network_data.json, which a config drive has. */
export const CONFIG_DRIVE_NETWORK_KEYS: ReadonlySet<string> = new Set(['links', 'networks', 'services']);
