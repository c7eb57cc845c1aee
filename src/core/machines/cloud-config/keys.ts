/** Every key that coreos-cloudinit knows (its config package, 2017), and the type of what is read. */
import { bool, float64, int, matching, oneOf, string, strings, struct, structs, type ValuesOf } from './schema.ts';

/** etcd 0.4. */
const etcd = struct({
  addr: string,
  bind_addr: string,
  ca_file: string,
  cert_file: string,
  cluster_active_size: int,
  cluster_remove_delay: float64,
  cluster_sync_interval: float64,
  cors: string,
  data_dir: string,
  discovery: string,
  graphite_host: string,
  http_read_timeout: float64,
  http_write_timeout: float64,
  key_file: string,
  max_result_buffer: int,
  max_retry_attempts: int,
  name: string,
  peer_addr: string,
  peer_bind_addr: string,
  peer_ca_file: string,
  peer_cert_file: string,
  peer_election_timeout: int,
  peer_heartbeat_interval: int,
  peer_key_file: string,
  peers: string,
  peers_file: string,
  retry_interval: float64,
  snapshot: bool,
  snapshot_count: int,
  trace: string,
  verbose: bool,
  very_verbose: bool,
  very_very_verbose: bool,
});

/** Also etcd 3. */
const etcd2 = struct({
  advertise_client_urls: string,
  ca_file: string,
  cert_file: string,
  client_cert_auth: bool,
  cors: string,
  data_dir: string,
  debug: bool,
  discovery: string,
  discovery_fallback: oneOf('exit', 'proxy'),
  discovery_srv: string,
  discovery_proxy: string,
  election_timeout: int,
  enable_pprof: bool,
  force_new_cluster: bool,
  heartbeat_interval: int,
  initial_advertise_peer_urls: string,
  initial_cluster: string,
  initial_cluster_state: oneOf('new', 'existing'),
  initial_cluster_token: string,
  key_file: string,
  listen_client_urls: string,
  listen_peer_urls: string,
  log_package_levels: string,
  max_snapshots: int,
  max_wals: int,
  name: string,
  peer_ca_file: string,
  peer_cert_file: string,
  peer_key_file: string,
  peer_client_cert_auth: bool,
  peer_trusted_ca_file: string,
  proxy: oneOf('on', 'off', 'readonly'),
  proxy_dial_timeout: int,
  proxy_failure_wait: int,
  proxy_read_timeout: int,
  proxy_refresh_interval: int,
  proxy_write_timeout: int,
  snapshot_count: int,
  strict_reconfig_check: bool,
  trusted_ca_file: string,
  wal_dir: string,
});

const fleet = struct({
  agent_ttl: string,
  authorized_keys_file: string,
  disable_engine: bool,
  engine_reconcile_interval: float64,
  etcd_cafile: string,
  etcd_certfile: string,
  etcd_keyfile: string,
  etcd_key_prefix: string,
  etcd_request_timeout: float64,
  etcd_servers: string,
  etcd_username: string,
  etcd_password: string,
  metadata: string,
  public_ip: string,
  token_limit: int,
  verbosity: int,
  verify_units: bool,
});

const flannel = struct({
  etcd_endpoints: string,
  etcd_cafile: string,
  etcd_certfile: string,
  etcd_keyfile: string,
  etcd_prefix: string,
  etcd_username: string,
  etcd_password: string,
  ip_masq: string,
  subnet_file: string,
  interface: string,
  public_ip: string,
});

const locksmith = struct({
  endpoint: string,
  etcd_cafile: string,
  etcd_certfile: string,
  etcd_keyfile: string,
  etcd_username: string,
  etcd_password: string,
  group: string,
  window_start: matching(/^((sun|mon|tue|wed|thu|fri|sat)\s)?\d{1,2}:\d{2}$/i, 'Thu 23:00'),
  window_length: matching(/^([-+]?(\d+|\d*\.\d+|\d+\.\d*)(ns|us|µs|ms|s|m|h))+$/, '1h30m'),
});

const update = struct({
  reboot_strategy: oneOf('best-effort', 'etcd-lock', 'reboot', 'off'),
  group: string,
  server: string,
});

const oem = struct({ id: string, name: string, version_id: string, home_url: string, bug_report_url: string });

const units = structs({
  name: string,
  content: string,
  runtime: bool,
  enable: bool,
  mask: bool,
  command: oneOf(
    ...['start', 'stop', 'restart', 'reload', 'try-restart', 'reload-or-restart', 'reload-or-try-restart'],
  ),
  drop_ins: structs({ name: string, content: string }),
});

const users = structs({
  name: string,
  passwd: string,
  ssh_authorized_keys: strings,
  gecos: string,
  homedir: string,
  no_create_home: bool,
  primary_group: string,
  groups: strings,
  no_user_group: bool,
  system: bool,
  no_log_init: bool,
  shell: string,
  coreos_ssh_import_github: string,
  coreos_ssh_import_github_users: strings,
  coreos_ssh_import_url: string,
});

const writeFiles = structs({
  path: string,
  content: string,
  permissions: matching(/^0?[0-7]{3,4}$/, '0644'),
  owner: string,
  encoding: oneOf('', 'b64', 'base64', 'gz', 'gzip', 'gz+base64', 'gzip+base64', 'gz+b64', 'gzip+b64'),
});

export const cloudConfig = struct({
  coreos: struct({ etcd, etcd2, fleet, flannel, locksmith, update, oem, units }),
  hostname: string,
  ssh_authorized_keys: strings,
  users,
  write_files: writeFiles,
  manage_etc_hosts: oneOf('', 'localhost'),
});

export type CloudConfig = ValuesOf<typeof cloudConfig.fields>;
export type WriteFile = NonNullable<CloudConfig['write_files']>[number];
