// What is known of each cause class: a sentence for the person on call, whether it is the host's, whether waiting may cure it.
export interface Trait {
  says: string
  hostLevel: boolean
  transient: boolean
  /** The failing task may only show what an upstream task did wrong. */
  symptom?: true
  /** Something ended a process: the host may know what. */
  isDeath?: true
  /** The host's when the task's own text did not change. */
  hostIfUnchanged?: true
}

const host = { hostLevel: true, transient: false } as const
const passing = { hostLevel: false, transient: true } as const
const hostPassing = { hostLevel: true, transient: true } as const
const death = { ...passing, isDeath: true } as const
const plain = { hostLevel: false, transient: false } as const
const symptom = { ...plain, symptom: true } as const
const lost = { ...plain, hostIfUnchanged: true } as const

const table: Readonly<Record<string, Trait>> = {
  host_unreachable: { says: 'The host could not be reached over SSH.', ...host },
  ssh_auth_failure: { says: 'The host refused our SSH login.', ...host },
  ssh_host_key_mismatch: {
    says: "The host's SSH key is not the one that is known for it.",
    ...host,
  },
  dns_failure: { says: 'A host name could not be resolved.', ...plain },
  connection_lost_midrun: {
    says: 'The host went away while the task ran.',
    ...hostPassing,
  },
  host_rebooted: { says: 'The host restarted while the task ran.', ...hostPassing },
  supervisor_killed: {
    says: 'The process that watched the task on its host was killed, so how the task ended is not known.',
    ...death,
  },
  pid_reused: {
    says: 'The process that watched the task is gone and its number belongs to another by now, so how the task ended is not known.',
    ...death,
  },
  record_lost: { says: 'The task ended, but its host had no room to write down how.', ...host },
  attempt_vanished: {
    says: 'The host answers, but has no trace of the attempt any more.',
    ...hostPassing,
  },
  unknown_too_long: {
    says: 'The host stayed out of reach for longer than the task waits.',
    ...hostPassing,
  },
  lease_expired: {
    says: 'The host heard nothing from Sluice for the lease and stopped the task.',
    ...hostPassing,
  },
  failed_over: {
    says: 'The host was out of reach, so another took the task over.',
    ...hostPassing,
  },
  given_up: {
    says: 'The host was out of reach, and a person gave the attempt up.',
    ...hostPassing,
  },
  host_refused: { says: 'The host could not set the attempt up.', ...host },
  disk_full: { says: 'A disk is full.', ...host },
  read_only_fs: { says: 'A file system is mounted read-only.', ...host },
  io_error: { says: 'A disk or its driver returned an input/output error.', ...host },
  out_of_memory: { says: 'The task ran out of memory.', ...plain },
  too_many_open_files: { says: 'The limit of open files was reached.', ...host },
  process_limit: { says: 'The host could not start another process or thread.', ...host },
  clock_skew: { says: "A server refused the request because this host's clock is wrong.", ...host },
  command_not_found: { says: 'A command does not exist on the host.', ...lost },
  not_executable: { says: 'A file was found but cannot be executed.', ...plain },
  bad_interpreter: {
    says: "A script's first line names an interpreter that is not there.",
    ...plain,
  },
  missing_library: { says: 'A program could not load a library or class that it needs.', ...lost },
  version_incompatible: { says: 'Two versions do not fit together.', ...lost },
  native_crash: { says: 'A program crashed in native code.', ...plain, isDeath: true },
  killed_by_signal: { says: 'The task was killed by a signal.', ...death },
  timeout: { says: 'The task ran longer than it may.', ...plain },
  python_import_error: { says: 'A module that the code imports is missing or too old.', ...lost },
  code_syntax_error: { says: 'The code or SQL has a syntax error.', ...plain },
  code_runtime_error: { says: 'The code itself failed.', ...symptom },
  missing_input_file: { says: 'An input file is missing.', ...symptom },
  missing_output: { says: 'The command ended well but did not write a declared output.', ...plain },
  permission_denied: { says: 'A file or folder may not be accessed by this account.', ...lost },
  data_parse_error: { says: 'A value in the input could not be parsed.', ...symptom },
  schema_mismatch: {
    says: 'The input does not have the columns or fields that the task expects.',
    ...symptom,
  },
  data_test_failed: { says: 'A data test failed.', ...symptom },
  upstream_data_empty: { says: 'There was no data to work on.', ...symptom },
  upstream_data_stale: { says: 'The data is older than it may be.', ...symptom },
  corrupt_input: { says: 'An input file is damaged or incomplete.', ...symptom },
  remote_object_missing: {
    says: 'A remote object, page or repository does not exist.',
    ...symptom,
  },
  db_connection_refused: { says: 'The database could not be reached.', ...plain },
  db_auth_failure: { says: 'The database refused the login.', ...plain },
  db_object_missing: { says: 'A table, column or database does not exist.', ...symptom },
  db_constraint_violation: { says: 'Rows broke a constraint of the database.', ...symptom },
  db_deadlock_or_lock: { says: 'The database gave up waiting for a lock.', ...passing },
  db_too_many_connections: { says: 'The database has no free connection.', ...passing },
  db_connection_lost: { says: 'The database connection broke during the work.', ...passing },
  db_permission_denied: { says: 'The database user lacks a privilege.', ...plain },
  db_read_only: { says: 'The database accepts no writes.', ...plain },
  connection_refused: { says: 'A service that the task needs refused the connection.', ...symptom },
  network_timeout: {
    says: 'A network request got no answer in time.',
    ...passing,
    symptom: true,
  },
  connection_reset: {
    says: 'A connection broke in the middle of a transfer.',
    ...passing,
    symptom: true,
  },
  tls_certificate_error: { says: "A server's TLS certificate was not accepted.", ...plain },
  http_auth_failure: { says: 'A service refused the credentials.', ...symptom },
  rate_limited: { says: 'A service limits how often it may be called.', ...passing },
  quota_exceeded: { says: 'A quota is used up.', ...plain },
  service_5xx: { says: 'A service answered with a server error.', ...passing, symptom: true },
  port_in_use: { says: 'A network port is taken already.', ...plain },
  config_missing: { says: 'A setting or configuration file is missing.', ...plain },
  bad_parameter: { says: 'A parameter or option has a value that cannot work.', ...plain },
  lock_held: { says: 'Another run or process holds a lock.', hostLevel: true, transient: true },
  unknown: { says: 'The log does not say why.', ...symptom },
}

const fallback: Trait = table['unknown'] ?? { says: '', ...plain }

export function traitOf(cause: string): Trait {
  return table[cause] ?? fallback
}

/** What a class belongs to, for remedies that name the wider one. */
const wider: Readonly<Record<string, string>> = {
  host_rebooted: 'connection_lost_midrun',
  attempt_vanished: 'connection_lost_midrun',
  unknown_too_long: 'connection_lost_midrun',
  lease_expired: 'connection_lost_midrun',
  failed_over: 'connection_lost_midrun',
  given_up: 'connection_lost_midrun',
  supervisor_killed: 'killed_by_signal',
  pid_reused: 'killed_by_signal',
  record_lost: 'disk_full',
}

export function widerCause(cause: string): string {
  return wider[cause] ?? cause
}

export const causeNames: readonly string[] = Object.keys(table)
