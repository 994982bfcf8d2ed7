// The cause classes of docs/root-cause.md: what `retries` and `remedies` may name.

const classes = `
  host_unreachable ssh_auth_failure ssh_host_key_mismatch ssh_host_key_unknown dns_failure connection_lost_midrun
  host_refused input_missing secret_missing disk_full read_only_fs io_error out_of_memory too_many_open_files process_limit clock_skew
  host_rebooted supervisor_killed pid_reused record_lost attempt_vanished unknown_too_long lease_expired failed_over
  given_up
  command_not_found not_executable bad_interpreter missing_library version_incompatible native_crash killed_by_signal
  timeout python_import_error code_syntax_error code_runtime_error
  missing_input_file missing_output permission_denied data_parse_error schema_mismatch data_test_failed
  upstream_data_empty upstream_data_stale corrupt_input remote_object_missing
  db_connection_refused db_auth_failure db_object_missing db_constraint_violation db_deadlock_or_lock
  db_too_many_connections db_connection_lost db_permission_denied db_read_only
  connection_refused network_timeout connection_reset tls_certificate_error http_auth_failure rate_limited
  quota_exceeded service_5xx port_in_use
  config_missing bad_parameter lock_held
  unknown
`

export const causeClasses: readonly string[] = classes.trim().split(/\s+/)
const known = new Set(causeClasses)

export function isCauseClass(word: string): boolean {
  return known.has(word)
}

/** What people call them elsewhere. */
const meant: Readonly<Record<string, string>> = {
  oom: 'out_of_memory',
  out_of_disk: 'disk_full',
  no_space: 'disk_full',
  unreachable: 'host_unreachable',
  deadlock: 'db_deadlock_or_lock',
  http_5xx: 'service_5xx',
  throttled: 'rate_limited',
}

/** The class that another word stands for; null: none known. */
export function causeMeantBy(word: string): string | null {
  return Object.hasOwn(meant, word) ? (meant[word] ?? null) : null
}
